import { CometChatException } from './exception.js';
import { Attachment } from './messages.js';
import type { App } from './app.js';
import type { UploadCallbacks } from './upload-listener.js';
/** @import { App } from './app.js' */
/** @import { UploadCallbacks, UploadResult } from './upload-listener.js' */
/**
 * What an app allows, as its settings say.
 *
 * @param {App} app
 * @returns {[number, number]} bytes of one file, `Infinity` if it is not known, and files of one message
 */
export declare function uploadLimits({ sessions }: App): [number, number];
export type UploadState = 'waiting' | 'moving' | 'paused' | 'successful' | 'rejected' | 'failed';
export type Item = {
    file: Blob;
    listener: UploadCallbacks;
    state: UploadState;
    /**
     * while its bytes are on their way
     */
    transfer?: AbortController | undefined;
    attachment?: Attachment;
    error?: CometChatException;
    /**
     * of the upload that was begun
     */
    id?: string | undefined;
};
/** @typedef {'waiting' | 'moving' | 'paused' | 'successful' | 'rejected' | 'failed'} UploadState */
/**
 * @typedef {object} Item
 * @property {Blob} file
 * @property {UploadCallbacks} listener
 * @property {UploadState} state
 * @property {AbortController | undefined} [transfer] while its bytes are on their way
 * @property {Attachment} [attachment]
 * @property {CometChatException} [error]
 * @property {string | undefined} [id] of the upload that was begun
 */
/** Files that are uploaded before the message that will carry them: one batch. */
export declare class UploadFileRequest {
    #private;
    /**
     * @param {App} app
     * @param {string} receiverId
     * @param {string} receiverType
     */
    constructor(app: App, receiverId: string, receiverType: string);
    /** Says that the message will be in a thread. @param {string | number} messageId */
    setParentMessageId(messageId: string | number): this;
    /** @param {string} batchId in place of a random one; without effect once files were given */
    setBatchId(batchId: string): this;
    /** @returns {string} */
    getBatchId(): string;
    /** @param {number} files sent at once, at least 1 */
    setConcurrency(files: number): this;
    /** Tells of every file of the batch; there is one such listener. @param {UploadCallbacks} listener */
    addUploadListener(listener: UploadCallbacks): void;
    /** Takes the listener of the whole batch away. */
    removeUploadListener(): void;
    /**
     * @param {{ fileId: string, file: Blob }[]} files those whose `fileId` is known are passed over
     * @param {UploadCallbacks} [listener] hears of these files
     */
    uploadAttachments(files: {
        fileId: string;
        file: Blob;
    }[], listener?: UploadCallbacks): void;
    /**
     * @param {string} fileId
     * @param {Blob} file
     * @param {UploadCallbacks} [listener]
     */
    uploadAttachment(fileId: string, file: Blob, listener?: UploadCallbacks): void;
    /** Sends a file again that did not arrive, from where it stopped. @param {string} fileId */
    retryAttachment(fileId: string): void;
    /** Stops a file on its way; what has arrived stays. @param {string} fileId */
    pauseAttachment(fileId: string): void;
    /** Goes on with a paused file. @param {string} fileId */
    resumeAttachment(fileId: string): void;
    /** Stops all files that are on their way. */
    pause(): void;
    /** Goes on with all paused files. */
    resume(): void;
    /** Takes a file out of the batch, on its way or not. @param {string} fileId */
    removeAttachment(fileId: string): void;
    /** Takes all files out of the batch. */
    clearAll(): void;
    /** @param {string} fileId @returns {UploadState | null} `null` if there is no such file */
    getState(fileId: string): UploadState | null;
    /** @param {string} fileId @returns {Attachment | null} */
    getAttachment(fileId: string): Attachment | null;
    /** @returns {Attachment[]} for `setAttachments` of a message */
    getAttachments(): Attachment[];
    /** @param {string} type `image`, `video`, `audio` or `file` @returns {Attachment[]} */
    getAttachmentsByType(type: string): Attachment[];
    /** @returns {number} files in the batch, whatever became of them */
    getAttachmentCount(): number;
    /** @returns {'in_progress' | 'idle'} `in_progress` while a file waits or is on its way */
    getStatus(): 'in_progress' | 'idle';
}
