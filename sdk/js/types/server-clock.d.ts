/** The server's clock, as far as its answers told: what expires, expires by this clock. */
export declare class ServerClock {
    #private;
    /** Server time minus ours, in milliseconds. */
    offset: number;
    /** @param {() => number} now milliseconds since 1970 UTC by our clock */
    constructor(now: () => number);
    /** @returns {number} seconds since 1970 UTC by the server's clock */
    now(): number;
    /** @param {unknown} serverTime `meta.serverTime` of an answer that just arrived, in seconds */
    set(serverTime: unknown): void;
}
