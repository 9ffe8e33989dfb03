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
     * versions of the medium, the narrowest first
     */
    candidates: readonly Candidate[];
    /**
     * resolves when it can
     * be seen; rejects with an `Event` or nothing if it could not be loaded, or was given up
     */
    show: (opens: Opens, app: App, signal: AbortSignal) => Promise<unknown>;
    /**
     * gives the URL back, and keeps the room
     */
    hide: (isGone: boolean) => void;
    /**
     * whether it stays although nobody sees it, as what plays does
     */
    isBusy?: () => boolean;
    /**
     * how long before its URL ends it needs another one, in seconds; left out
     * if what it loaded lasts
     */
    early?: number;
    /**
     * left out, `data-cloak`
     * of the element says it
     */
    onState?: ((state: MediaState, detail: MediaStateDetail) => void) | undefined;
    /**
     * takes every listener away
     */
    release?: () => void;
    /**
     * that it belongs to
     */
    binding?: Binding;
};
export type Binding = {
    state: MediaState;
    /**
     * URL of the version that fits
     */
    wanted: string;
    /**
     * whose session it is
     */
    app: App | null;
    /**
     * tries again now
     */
    again: () => void;
    /**
     * loads what it may have waited for: a login, the network, the end of
     * a sleep, a sharper screen
     */
    refresh: () => void;
    /**
     * lets the element go: nothing is observed, watched or loaded any more
     */
    release: () => void;
    /**
     * tells it that what is shown could not go on, as when its URL has
     * expired
     */
    interrupted: () => void;
    /**
     * tells it that the element is busy no more
     */
    quiet: () => void;
};
export type BindOptions = {
    /**
     * whose session it is; the client that was initialised last if left out
     */
    client?: object | undefined;
    /**
     * how near to the viewport it loads, as in `rootMargin`; half a screen
     * if left out
     */
    margin?: string | undefined;
};
/** @import { App } from './app.js' */
/** @import { Opens } from './open-media.js' */
/** @import { Candidate } from './media-source.js' */
/** @import { Session } from './session.js' */
/**
 * `idle`: far from the viewport, or nobody is logged in. `loading`. `shown`. `error`: it could not
 * be loaded. `gone`: it was taken back, or the session has ended.
 *
 * @typedef {'idle' | 'loading' | 'shown' | 'error' | 'gone'} MediaState
 */
/**
 * Detail of the events `cloak-state` and `cloak-error`.
 *
 * @typedef {object} MediaStateDetail
 * @property {MediaState} state
 * @property {string} url media URL without any credential
 * @property {string} [code] stable code, if something is wrong
 * @property {string} [reason] the rule that refused, such as `not_permitted`
 * @property {boolean} [retry] whether it is tried again by itself
 * @property {string} [message] what is wrong, in words
 * @property {() => void} again tries again now
 */
/**
 * Detail of the event `cloak-load`: a medium is about to be loaded.
 *
 * @typedef {object} MediaLoadDetail
 * @property {string} url of the version that is loaded, without any credential
 * @property {'fat' | 'presigned' | 'none'} by by which credential
 * @property {'first' | 'renewal' | 'retry'} why
 */
/**
 * How one kind of element shows a medium.
 *
 * @typedef {object} Surface
 * @property {readonly Candidate[]} candidates versions of the medium, the narrowest first
 * @property {(opens: Opens, app: App, signal: AbortSignal) => Promise<unknown>} show resolves when it can
 *   be seen; rejects with an `Event` or nothing if it could not be loaded, or was given up
 * @property {(isGone: boolean) => void} hide gives the URL back, and keeps the room
 * @property {() => boolean} [isBusy] whether it stays although nobody sees it, as what plays does
 * @property {number} [early] how long before its URL ends it needs another one, in seconds; left out
 *   if what it loaded lasts
 * @property {((state: MediaState, detail: MediaStateDetail) => void) | undefined} [onState] left out, `data-cloak`
 *   of the element says it
 * @property {() => void} [release] takes every listener away
 * @property {Binding} [binding] that it belongs to
 */
/**
 * One element that shows one medium, from its approach to the viewport to its removal.
 *
 * @typedef {object} Binding
 * @property {MediaState} state
 * @property {string} wanted URL of the version that fits
 * @property {App | null} app whose session it is
 * @property {() => void} again tries again now
 * @property {() => void} refresh loads what it may have waited for: a login, the network, the end of
 *   a sleep, a sharper screen
 * @property {() => void} release lets the element go: nothing is observed, watched or loaded any more
 * @property {() => void} interrupted tells it that what is shown could not go on, as when its URL has
 *   expired
 * @property {() => void} quiet tells it that the element is busy no more
 */
/**
 * @typedef {object} BindOptions
 * @property {object | undefined} [client] whose session it is; the client that was initialised last if left out
 * @property {string | undefined} [margin] how near to the viewport it loads, as in `rootMargin`; half a screen
 *   if left out
 */
/**
 * Keeps one element showing one medium.
 *
 * @param {HTMLElement} element whose place decides, and where events are dispatched
 * @param {Surface} surface
 * @param {BindOptions} options
 * @returns {Binding}
 */
export declare function bind(element: HTMLElement, surface: Surface, { client, margin }: BindOptions): Binding;
