import type { Effects } from './effects.js';
import type { PresignedCache } from './presigned-cache.js';
import type { ServerClock } from './server-clock.js';
import type { Sessions } from './session.js';
/** @import { Effects } from './effects.js' */
/** @import { PresignedCache } from './presigned-cache.js' */
/** @import { ServerClock } from './server-clock.js' */
/** @import { Sessions } from './session.js' */
/** Most URLs that the server takes in one call. */
export declare const MAX_URLS_PER_CALL = 1000;
export type Waiter = {
    promise: Promise<string>;
    resolve: (presignedUrl: string) => void;
    reject: (error: unknown) => void;
};
/**
 * @typedef {object} Waiter
 * @property {Promise<string>} promise
 * @property {(presignedUrl: string) => void} resolve
 * @property {(error: unknown) => void} reject
 */
/** Gathers the URLs asked for in one tick and resolves them in as few calls as possible. */
export declare class PresignBatch {
    #private;
    /**
     * What will be asked for soon, so that a call is never sent for one URL after the other.
     *
     * @type {(asked: string[], most: number) => string[]}
     */
    lookAhead: (asked: string[], most: number) => string[];
    /**
     * Told of what was cached: clean URL, presigned URL, end.
     *
     * @type {(entries: [string, string, number][]) => void}
     */
    onPresigned: (entries: [string, string, number][]) => void;
    /** Calls made, and URLs in them. */
    calls: number;
    urls: number;
    /**
     * @param {Sessions} sessions
     * @param {PresignedCache} cache
     * @param {ServerClock} clock
     * @param {Effects} effects
     */
    constructor(sessions: Sessions, cache: PresignedCache, clock: ServerClock, effects: Effects);
    /**
     * @param {string} url clean media URL
     * @param {boolean} fresh whether an answer already on its way is too old
     * @returns {Promise<string>}
     */
    add(url: string, fresh: boolean): Promise<string>;
    /** What is on its way belongs to a session that is over: later callers ask anew. */
    forgetSent(): void;
}
