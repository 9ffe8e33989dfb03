import type { App } from './app.js';
import type { BaseMessage } from './messages.js';
/** @import { App } from './app.js' */
/** @import { Attachment, BaseMessage } from './messages.js' */
/**
 * @param {App} app
 * @param {readonly BaseMessage[]} messages
 */
export declare function prefetch(app: App, messages: readonly BaseMessage[]): Promise<void>;
