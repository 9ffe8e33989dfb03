import { Attachment } from './messages.js';
import type { App } from './app.js';
import type { UploadOrder } from './tus-upload.js';
/** What an app allows, as its settings say: `Infinity` where nothing is known. */
export declare class UploadLimits {
    /** Bytes of one file. */
    fileSizeMax: number;
    /** Files of one message. */
    fileCountMax: number;
    /** @param {Record<string, unknown>} settings of `PUT me` */
    constructor(settings: Record<string, unknown>);
}
/** Where the files of one app go to. */
export declare class Uploads {
    #private;
    /** @param {App} app */
    constructor(app: App);
    /** @returns {UploadLimits} */
    get limits(): UploadLimits;
    /**
     * @param {Blob} file
     * @param {{ receiver: string, receiverType: string }} receiver
     * @param {Pick<UploadOrder, 'metadata' | 'onProgress' | 'signal'>} order
     * @returns {Promise<Attachment>}
     * @throws {import('./exception.js').CometChatException}
     */
    upload(file: Blob, receiver: {
        receiver: string;
        receiverType: string;
    }, order: Pick<UploadOrder, 'metadata' | 'onProgress' | 'signal'>): Promise<Attachment>;
}
