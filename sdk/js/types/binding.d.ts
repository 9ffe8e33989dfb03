import type { App } from './app.js';
import type { Opens } from './open-media.js';
import type { Candidate } from './media-source.js';
export type MediaState = 'idle' | 'loading' | 'shown' | 'error' | 'gone';
export type MediaStateDetail = {
    state: MediaState;
    /**
     * media URL without any credential
     */
    url: string;
    /**
     * stable code, if something is wrong
     */
    code?: string;
    /**
     * the rule that refused, such as `not_permitted`
     */
    reason?: string;
    /**
     * whether it is tried again by itself
     */
    retry?: boolean;
    /**
     * what is wrong, in words
     */
    message?: string;
    /**
     * tries again now
     */
    again: () => void;
};
export type MediaLoadDetail = {
    /**
     * of the version that is loaded, without any credential
     */
    url: string;
    /**
     * by which credential
     */
    by: 'fat' | 'presigned' | 'none';
    why: 'first' | 'renewal' | 'retry';
};
export type Surface = {
    /**
     * whose place decides, and where events are dispatched
     */
    element: HTMLElement;
    /**
     * resolves when it can be seen; rejects
     * with an `Event` or nothing if it could not be loaded
     */
    show: (opens: Opens, app: App) => Promise<void>;
    /**
     * gives the URL back, and keeps the room
     */
    hide: () => void;
    /**
     * whether it stays although nobody sees it, as what plays does
     */
    isBusy: () => boolean;
    /**
     * when it needs another URL, in seconds by the
     * server's clock; `Infinity` if what it loaded lasts
     */
    renewAt: (opens: Opens) => number;
    onState: (state: MediaState, detail: MediaStateDetail) => void;
    /**
     * takes every listener away
     */
    release: () => void;
    /**
     * set by the binding
     */
    hooks?: SurfaceHooks | undefined;
};
export type SurfaceHooks = {
    /**
     * what is shown could not go on, as when its URL has expired
     */
    interrupted: () => void;
    /**
     * it is busy no more
     */
    quiet: () => void;
};
export type BindOptions = {
    /**
     * whose session it is; the client that was initialised last if left out
     */
    client?: object;
    /**
     * how near to the viewport it loads, as in `rootMargin`; half a screen
     * if left out
     */
    margin?: string;
};
/** Keeps one element showing one medium, from its approach to the viewport to its removal. */
export declare class Binding {
    #private;
    /** @type {App | null} */
    app: App | null;
    /**
     * @param {Surface} surface
     * @param {readonly Candidate[]} candidates versions of the medium, the narrowest first
     * @param {BindOptions} options
     */
    constructor(surface: Surface, candidates: readonly Candidate[], options: BindOptions);
    /** @returns {MediaState} */
    get state(): MediaState;
    /** @returns {string} URL of the version that fits */
    get wanted(): string;
    /** Tries again now. */
    again(): void;
    /** Loads what it may have waited for: a login, the network, the end of a sleep. */
    refresh(): void;
    /** Lets the element go: nothing is observed, watched or loaded any more. */
    release(): void;
}
