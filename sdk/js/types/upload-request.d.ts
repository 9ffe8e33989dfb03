import { CometChatException } from './exception.js';
import { Attachment } from './messages.js';
import type { Answer, Call } from './api.js';
export type SendForm = (url: string, form: FormData, onProgress: (loaded: number, total: number) => void) => Promise<{
    status: number;
    text: string;
}>;
export type UploadCallbacks = {
    onFileProgress?: (fileId: string, loaded: number, total: number, percent: number) => void;
    onFileUploaded?: (fileId: string, attachment: Attachment) => void;
    /**
     * refused for good
     */
    onFileError?: (fileId: string, error: CometChatException) => void;
    /**
     * did not arrive:
     * `retryAttachment` may help
     */
    onFileFailure?: (fileId: string, error: CometChatException) => void;
    /**
     * nothing is on its way any more
     */
    onComplete?: (result: UploadResult) => void;
};
export type UploadResult = {
    successful: {
        fileId: string;
        attachment: Attachment;
    }[];
    rejected: {
        fileId: string;
        error: CometChatException;
    }[];
    failed: {
        fileId: string;
        error: CometChatException;
    }[];
};
/**
 * A form on its way: gives the answer's status and text.
 *
 * @typedef {(url: string, form: FormData, onProgress: (loaded: number, total: number) => void)
 *   => Promise<{ status: number, text: string }>} SendForm
 */
/**
 * @typedef {object} UploadCallbacks
 * @property {(fileId: string, loaded: number, total: number, percent: number) => void} [onFileProgress]
 * @property {(fileId: string, attachment: Attachment) => void} [onFileUploaded]
 * @property {(fileId: string, error: CometChatException) => void} [onFileError] refused for good
 * @property {(fileId: string, error: CometChatException) => void} [onFileFailure] did not arrive:
 *   `retryAttachment` may help
 * @property {(result: UploadResult) => void} [onComplete] nothing is on its way any more
 */
/**
 * @typedef {object} UploadResult
 * @property {{ fileId: string, attachment: Attachment }[]} successful
 * @property {{ fileId: string, error: CometChatException }[]} rejected
 * @property {{ fileId: string, error: CometChatException }[]} failed
 */
/** What an app wants to hear of its uploads. */
export declare class UploadFileListener {
    /** @param {UploadCallbacks} [callbacks] */
    constructor(callbacks?: UploadCallbacks);
}
export type Item = {
    file: Blob;
    listener: UploadCallbacks;
    state: 'waiting' | 'moving' | 'successful' | 'rejected' | 'failed';
    attachment?: Attachment;
    error?: CometChatException;
};
/**
 * @typedef {object} Item
 * @property {Blob} file
 * @property {UploadCallbacks} listener
 * @property {'waiting' | 'moving' | 'successful' | 'rejected' | 'failed'} state
 * @property {Attachment} [attachment]
 * @property {CometChatException} [error]
 */
/** Files that are uploaded before the message that will carry them. */
export declare class UploadFileRequest {
    #private;
    /**
     * @param {(call: Call) => Promise<Answer>} call
     * @param {SendForm} sendForm
     * @param {string} receiverId
     * @param {string} receiverType
     */
    constructor(call: (call: Call) => Promise<Answer>, sendForm: SendForm, receiverId: string, receiverType: string);
    /** @param {number} files sent at once, at least 1 */
    setConcurrency(files: number): this;
    /**
     * @param {{ fileId: string, file: Blob }[]} files
     * @param {UploadCallbacks} [listener]
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
    /** Sends a file again that did not arrive. @param {string} fileId */
    retryAttachment(fileId: string): void;
    /** @param {string} fileId @returns {Attachment | null} */
    getAttachment(fileId: string): Attachment | null;
    /** @returns {Attachment[]} for `setAttachments` of a message */
    getAttachments(): Attachment[];
    /** Forgets all files. */
    clearAll(): void;
}
