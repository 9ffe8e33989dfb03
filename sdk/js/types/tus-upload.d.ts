import { CometChatException } from './exception.js';
import type { App } from './app.js';
/**
 * @param {CometChatException} error
 * @returns {boolean} whether the same file may arrive if it is sent again
 */
export declare function mayPass({ code }: CometChatException): boolean;
export type UploadOrder = {
    file: Blob;
    /**
     * of the upload that was begun
     */
    id?: string | undefined;
};
/**
 * @typedef {object} UploadOrder
 * @property {Blob} file
 * @property {string | undefined} [id] of the upload that was begun
 */
/**
 * Uploads one file by tus 1.0.0, and goes on where it stopped: after a lost connection by itself,
 * after a pause or a reload of the page when it is begun again with the same file.
 *
 * @param {App} app
 * @param {UploadOrder} order keeps the `id`
 * @param {Record<string, string>} metadata
 * @param {(loaded: number) => void} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<any>} the attachment as the server sent it
 * @throws {CometChatException} as the server refused it, or `ERR_NETWORK` after several tries
 */
export declare function uploadFile({ effects, sessions, storage }: App, order: UploadOrder, metadata: Record<string, string>, onProgress: (loaded: number) => void, signal: AbortSignal): Promise<any>;
