export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
export type Listenable = {
    addEventListener: (type: string, listener: (event: any) => void, capture?: boolean) => void;
};
export type Effects = {
    fetch: (url: string, init: RequestInit) => Promise<Response>;
    /**
     * with progress, where there is one
     */
    sendBytes?: import('./send-bytes.js').SendBytes;
    /**
     * milliseconds since 1970 UTC
     */
    now: () => number;
    /**
     * where a session is kept
     */
    storage: (mode: 'local' | 'session') => KeyValueStorage;
    setTimeout: (callback: () => void, milliseconds: number) => unknown;
    clearTimeout: (handle: any) => void;
    document: (Listenable & {
        visibilityState?: string;
    }) | null;
    window: Listenable | null;
    /**
     * to the other tabs of the origin; `null` where there is none
     */
    channel?: (name: string) => Pick<BroadcastChannel, 'postMessage' | 'onmessage'> | null;
    /**
     * runs `work`
     * while no other tab runs it; `null` where there are no Web Locks
     */
    locks?: (<T>(name: string, work: () => Promise<T>) => Promise<T>) | null;
    /**
     * scheme of the page, `http:` where there is none
     */
    pageProtocol: 'http:' | 'https:';
};
/** @typedef {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} KeyValueStorage */
/**
 * An event target, as far as this SDK listens to one.
 *
 * @typedef {object} Listenable
 * @property {(type: string, listener: (event: any) => void, capture?: boolean) => void} addEventListener
 */
/**
 * Everything this SDK takes from its surroundings.
 *
 * @typedef {object} Effects
 * @property {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @property {import('./send-bytes.js').SendBytes} [sendBytes] with progress, where there is one
 * @property {() => number} now milliseconds since 1970 UTC
 * @property {(mode: 'local' | 'session') => KeyValueStorage} storage where a session is kept
 * @property {(callback: () => void, milliseconds: number) => unknown} setTimeout
 * @property {(handle: any) => void} clearTimeout
 * @property {(Listenable & { visibilityState?: string }) | null} document
 * @property {Listenable | null} window
 * @property {(name: string) => Pick<BroadcastChannel, 'postMessage' | 'onmessage'> | null} [channel]
 *   to the other tabs of the origin; `null` where there is none
 * @property {(<T>(name: string, work: () => Promise<T>) => Promise<T>) | null} [locks] runs `work`
 *   while no other tab runs it; `null` where there are no Web Locks
 * @property {'http:' | 'https:'} pageProtocol scheme of the page, `http:` where there is none
 */
/**
 * The surroundings of a page, or of Node where there is no page.
 *
 * @returns {Effects}
 */
export declare function defaultEffects(): Effects;
/**
 * @param {Pick<Effects, 'setTimeout'>} effects
 * @param {number} milliseconds
 * @returns {Promise<unknown>}
 */
export declare function pause({ setTimeout }: Pick<Effects, 'setTimeout'>, milliseconds: number): Promise<unknown>;
export type Timer = ReturnType<typeof createTimer>;
/** @typedef {ReturnType<typeof createTimer>} Timer */
/**
 * One timer: whoever sets it anew, or to nothing, takes away what it was set to.
 *
 * @param {Pick<Effects, 'setTimeout' | 'clearTimeout'>} effects
 */
export declare function createTimer({ setTimeout, clearTimeout }: Pick<Effects, 'setTimeout' | 'clearTimeout'>): (seconds?: number, callback?: () => void) => void;
