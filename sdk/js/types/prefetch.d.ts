import type { App } from './app.js';
import type { BaseMessage } from './messages.js';
import type { AttachmentLike } from './source-of.js';
export type WithAttachments = BaseMessage | {
    getAttachments(): (AttachmentLike & {
        getMimeType(): string;
    })[];
};
/** @import { App } from './app.js' */
/** @import { Attachment, BaseMessage } from './messages.js' */
/** @import { AttachmentLike } from './source-of.js' */
/** A message, of whomever. @typedef {BaseMessage | { getAttachments(): (AttachmentLike & { getMimeType(): string })[] }} WithAttachments */
/**
 * @param {App} app
 * @param {readonly WithAttachments[]} messages
 */
export declare function prefetch(app: App, messages: readonly WithAttachments[]): Promise<void>;
