/** @typedef {ReturnType<typeof createClock>} ServerClock */
export type ServerClock = ReturnType<typeof createClock>;
/**
 * The server's clock, as far as its answers told: what expires, expires by this clock.
 *
 * @param {() => number} now milliseconds since 1970 UTC by our clock
 */
export declare function createClock(now: () => number): {
    /** Server time minus ours, in milliseconds. */
    offset: number;
    /** @returns {number} seconds since 1970 UTC by the server's clock */
    now: () => number;
    /** @param {unknown} serverTime `meta.serverTime` of an answer that just arrived, in seconds */
    set(serverTime: unknown): void;
};
