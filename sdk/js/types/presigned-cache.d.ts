/** Presigned URLs in memory, by clean media URL, until the server's clock says they expire. */
export declare class PresignedCache {
    #private;
    /** The last one that was kept, also after `clear`. @type {string | null} */
    newest: string | null;
    /**
     * @param {string} url clean media URL
     * @param {number} now seconds by the server's clock
     * @returns {string | null}
     */
    get(url: string, now: number): string | null;
    /**
     * @param {string} url clean media URL
     * @param {string} presignedUrl
     * @param {number} expiresAt seconds by the server's clock
     */
    set(url: string, presignedUrl: string, expiresAt: number): void;
    /**
     * @param {string} url clean media URL
     * @returns {number} seconds by the server's clock; `Infinity` if it is not known
     */
    expiresAt(url: string): number;
    /** @param {string} url clean media URL */
    drop(url: string): void;
    clear(): void;
}
