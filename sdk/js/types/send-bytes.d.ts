/**
 * Bytes on their way to the server.
 *
 * @typedef {object} Transfer
 * @property {'POST' | 'PATCH'} method
 * @property {string} url
 * @property {Record<string, string>} headers
 * @property {Blob | null} body
 * @property {(sentBytes: number) => void} onProgress called where the runtime tells
 * @property {AbortSignal} signal
 */
export type Transfer = {
    method: 'POST' | 'PATCH';
    url: string;
    headers: Record<string, string>;
    body: Blob | null;
    /**
     * called where the runtime tells
     */
    onProgress: (sentBytes: number) => void;
    signal: AbortSignal;
};
export type Sent = {
    status: number;
    text: string;
    header: (name: string) => string | null;
};
export type SendBytes = (transfer: Transfer) => Promise<Sent>;
/** @typedef {{ status: number, text: string, header: (name: string) => string | null }} Sent */
/**
 * @typedef {(transfer: Transfer) => Promise<Sent>} SendBytes rejects if no answer came, as when the signal
 *   aborts
 */
/**
 * Sends bytes, with progress where the runtime has an `XMLHttpRequest`: `fetch` tells of none.
 *
 * @type {SendBytes}
 */
export declare function sendBytes({ method, url, headers, body, onProgress, signal }: Transfer): Promise<Sent>;
