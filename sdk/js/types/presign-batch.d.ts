import type { Effects } from './effects.js';
import type { ServerClock } from './server-clock.js';
import type { Sessions } from './session.js';
export type Batch = {
    /**
     * clean media URLs
     */
    urls: string[];
    /**
     * by clean media URL
     */
    answer: Promise<Map<string, any>>;
};
export type Presigner = ReturnType<typeof createPresigner>;
/**
 * URLs asked for in one tick.
 *
 * @typedef {object} Batch
 * @property {string[]} urls clean media URLs
 * @property {Promise<Map<string, any>>} answer by clean media URL
 */
/** @typedef {ReturnType<typeof createPresigner>} Presigner */
/**
 * Presigned URLs by clean media URL: those asked for in one tick are resolved in as few calls as
 * possible, and kept in memory until the server's clock says that they expire.
 *
 * @param {Sessions} sessions
 * @param {ServerClock} clock
 * @param {Effects} effects
 */
export declare function createPresigner(sessions: Sessions, clock: ServerClock, effects: Effects): {
    /** The last one that was kept, also after `clear`. @type {string | null} */
    newest: string | null;
    /** Calls made, and URLs in them. */
    calls: number;
    urls: number;
    /**
     * What will be asked for soon, so that a call is never sent for one URL after the other.
     *
     * @type {(asked: string[], most: number) => string[]}
     */
    lookAhead: (asked: string[], most: number) => string[];
    /**
     * Told of what was kept: clean URL, presigned URL, end.
     *
     * @type {(entries: [string, string, number][]) => void}
     */
    onPresigned: (entries: [string, string, number][]) => void;
    /**
     * @param {string} url clean media URL
     * @returns {string | undefined}
     */
    get(url: string): string | undefined;
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
    expiresAt: (url: string) => number;
    /** @param {string} url clean media URL */
    drop: (url: string) => undefined;
    /** What is kept or on its way belongs to a session that is over: later callers ask anew. */
    clear(): void;
    /**
     * @param {string} url clean media URL
     * @param {boolean} [fresh] whether an answer already on its way is too old
     * @returns {Promise<string>}
     */
    ask(url: string, fresh?: boolean): Promise<string>;
};
