import type { Answer, Call } from './api.js';
import type { Effects } from './effects.js';
import type { Sent, Transfer } from './send-bytes.js';
import type { UploadMemory } from './upload-memory.js';
export type UploadSurroundings = {
    /**
     * in the name of the logged-in user
     */
    call: (call: Call) => Promise<Answer>;
    /**
     * the
     * same, for bytes; `path` is below the base URL
     */
    transfer: (transfer: Omit<Transfer, 'url'> & {
        path: string;
    }) => Promise<Sent>;
    memory: UploadMemory;
    effects: Pick<Effects, 'setTimeout' | 'clearTimeout'>;
};
export type UploadOrder = {
    file: Blob;
    /**
     * under which it is remembered
     */
    fingerprint: string | null;
    metadata: Record<string, string>;
    onProgress: (loaded: number) => void;
    signal: AbortSignal;
};
/**
 * What an upload takes from its surroundings.
 *
 * @typedef {object} UploadSurroundings
 * @property {(call: Call) => Promise<Answer>} call in the name of the logged-in user
 * @property {(transfer: Omit<Transfer, 'url'> & { path: string }) => Promise<Sent>} transfer the
 *   same, for bytes; `path` is below the base URL
 * @property {UploadMemory} memory
 * @property {Pick<Effects, 'setTimeout' | 'clearTimeout'>} effects
 */
/**
 * @typedef {object} UploadOrder
 * @property {Blob} file
 * @property {string | null} fingerprint under which it is remembered
 * @property {Record<string, string>} metadata
 * @property {(loaded: number) => void} onProgress
 * @property {AbortSignal} signal
 */
/**
 * Uploads one file by tus 1.0.0, and goes on where it stopped: after a lost connection by itself,
 * after a pause or a reload when it is begun again.
 *
 * @param {UploadSurroundings} surroundings
 * @param {UploadOrder} order
 * @returns {Promise<any>} the attachment as the server sent it
 * @throws {CometChatException} as the server refused it, or `ERR_NETWORK` after several tries
 */
export declare function uploadFile(surroundings: UploadSurroundings, order: UploadOrder): Promise<any>;
