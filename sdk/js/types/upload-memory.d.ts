/** @import { AppStorage } from './storage.js' */
import type { AppStorage } from './storage.js';
/**
 * Which uploads have begun, so that one goes on after a pause, and after a reload of the page when
 * the user gives the same file again.
 */
export declare class UploadMemory {
    #private;
    /** @param {AppStorage} storage */
    constructor(storage: AppStorage);
    /**
     * @param {Blob} file
     * @param {string | null} fingerprint
     * @returns {string | null} id of the upload that was begun
     */
    find(file: Blob, fingerprint: string | null): string | null;
    /**
     * @param {Blob} file
     * @param {string | null} fingerprint
     * @param {string} id
     */
    remember(file: Blob, fingerprint: string | null, id: string): void;
    /**
     * @param {Blob} file
     * @param {string | null} fingerprint
     */
    forget(file: Blob, fingerprint: string | null): void;
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
