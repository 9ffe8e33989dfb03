/** @import { AppStorage } from './storage.js' */
import type { AppStorage } from './storage.js';
/**
 * Which uploads have begun, so that one goes on after a reload of the page when the user gives the
 * same file again.
 */
export declare class UploadMemory {
    #private;
    /** @param {AppStorage} storage */
    constructor(storage: AppStorage);
    /**
     * @param {string} fingerprint
     * @returns {string | null} id of the upload that was begun
     */
    find(fingerprint: string): string | null;
    /**
     * @param {string} fingerprint
     * @param {string} id
     */
    remember(fingerprint: string, id: string): void;
    /** @param {string} fingerprint */
    forget(fingerprint: string): void;
}
/**
 * What a file is known by when it is given again.
 *
 * @param {Blob} file
 * @param {string} uid who sends it
 * @param {{ receiver: string, receiverType: string }} receiver
 * @returns {string | null} `null` if nothing tells it from others
 */
export declare function fingerprintOf(file: Blob, uid: string, { receiver, receiverType }: {
    receiver: string;
    receiverType: string;
}): string | null;
