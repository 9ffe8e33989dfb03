import type { App } from './app.js';
import type { UploadOrder } from './tus-upload.js';
/** @import { App } from './app.js' */
/** @import { UploadOrder } from './tus-upload.js' */
/** Uploads the files of one batch, and remembers which have begun. */
export declare class Uploader {
    #private;
    /** @param {App} app */
    constructor(app: App);
    /**
     * @param {string} uid who sends it
     * @param {{ receiver: string, receiverType: string }} receiver
     * @param {Omit<UploadOrder, 'fingerprint'>} order
     */
    upload(uid: string, receiver: {
        receiver: string;
        receiverType: string;
    }, order: Omit<UploadOrder, 'fingerprint'>): Promise<any>;
}
