/** @import { CometChatException } from './exception.js' */
/** @import { Attachment } from './messages.js' */
import type { CometChatException } from './exception.js';
import type { Attachment } from './messages.js';
export type UploadCallbacks = {
    onFileProgress?: (fileId: string, loaded: number, total: number, percent: number) => void;
    onFileUploaded?: (fileId: string, attachment: Attachment) => void;
    /**
     * refused for good
     */
    onFileError?: (fileId: string, error: CometChatException) => void;
    /**
     * did not arrive,
     * after several tries: `retryAttachment` goes on where it stopped
     */
    onFileFailure?: (fileId: string, error: CometChatException) => void;
    /**
     * nothing is on its way, or paused, any more
     */
    onComplete?: (result: UploadResult) => void;
};
export type UploadResult = {
    batchId: string;
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
 * @typedef {object} UploadCallbacks
 * @property {(fileId: string, loaded: number, total: number, percent: number) => void} [onFileProgress]
 * @property {(fileId: string, attachment: Attachment) => void} [onFileUploaded]
 * @property {(fileId: string, error: CometChatException) => void} [onFileError] refused for good
 * @property {(fileId: string, error: CometChatException) => void} [onFileFailure] did not arrive,
 *   after several tries: `retryAttachment` goes on where it stopped
 * @property {(result: UploadResult) => void} [onComplete] nothing is on its way, or paused, any more
 */
/**
 * @typedef {object} UploadResult
 * @property {string} batchId
 * @property {{ fileId: string, attachment: Attachment }[]} successful
 * @property {{ fileId: string, error: CometChatException }[]} rejected
 * @property {{ fileId: string, error: CometChatException }[]} failed
 */
/** What an app wants to hear of its uploads. */
export declare class UploadFileListener {
    /** @param {UploadCallbacks} [callbacks] */
    constructor(callbacks?: UploadCallbacks);
}
