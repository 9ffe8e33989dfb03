/** The page's side of the service worker that opens clean media URLs: an extra that no page needs. */
import type { CoreClient } from './core-client.js';
export type WhyNot = 'unsupported' | 'unprotected' | 'refused' | 'not_in_control';
export type WorkerOptions = {
    /**
     * path of the pages that it serves; left out, the script's folder
     */
    scope?: string;
    /**
     * of this page, for tests
     */
    container?: ServiceWorkerContainer | null;
};
/**
 * Why clean URLs do not open by themselves on this page.
 *
 * - `unsupported`: no service workers here: an insecure origin, a private window, an old browser
 * - `unprotected`: nobody is logged in, or protection is off, so that there is nothing to do
 * - `refused`: the browser did not take the script, see `error`
 * - `not_in_control`: it runs, but does not see this page's requests, as when the page lies outside
 *   of its scope
 *
 * @typedef {'unsupported' | 'unprotected' | 'refused' | 'not_in_control'} WhyNot
 */
/**
 * @typedef {object} WorkerOptions
 * @property {string} [scope] path of the pages that it serves; left out, the script's folder
 * @property {ServiceWorkerContainer | null} [container] of this page, for tests
 */
/** What became of the worker on this page. Where it does not run, everything works without it. */
export declare class MediaWorker {
    #private;
    /** Why clean URLs do not open by themselves here; `null` if they do. @type {WhyNot | null} */
    whyNot: WhyNot | null;
    /** What the browser said, if it said anything. @type {unknown} */
    error: unknown;
    /**
     * @param {CoreClient} client
     * @param {WhyNot | null} whyNot
     * @param {() => Promise<void>} stop
     * @param {unknown} [error]
     */
    constructor(client: CoreClient, whyNot: WhyNot | null, stop: () => Promise<void>, error?: unknown);
    /** @returns {boolean} whether clean media URLs open by themselves on this page */
    get isActive(): boolean;
    /**
     * What an element's `src` is to be: the clean URL where the worker opens it, else a presigned one.
     *
     * @param {string} url media URL of a message, with or without its token
     * @returns {Promise<string>}
     * @throws {import('./exception.js').CometChatException} as `fetchPresignedUrl`, without a worker
     */
    src(url: string): Promise<string>;
    /**
     * Gives an element its `src`. Firefox lets a worker see what a video or sound of another origin
     * asks for only if the element says `crossorigin`, so it is made to say so.
     *
     * @param {HTMLImageElement | HTMLMediaElement} element
     * @param {string} url media URL of a message, with or without its token
     * @returns {Promise<void>}
     * @throws {import('./exception.js').CometChatException} as `src`
     */
    show(element: HTMLImageElement | HTMLMediaElement, url: string): Promise<void>;
    /** Takes the worker away, for all pages of this origin. @returns {Promise<void>} */
    stop(): Promise<void>;
}
/**
 * Starts the service worker and gives it the File Access Token whenever it asks. Call it after
 * `login`, or after `init` of a page that takes up a session; it never rejects.
 *
 * @param {CoreClient} client such as `CometChat`
 * @param {string | URL} script where your site serves `@cloakroom/sdk/worker/script.js`
 * @param {WorkerOptions} [options]
 * @returns {Promise<MediaWorker>}
 */
export declare function startMediaWorker(client: CoreClient, script: string | URL, options?: WorkerOptions): Promise<MediaWorker>;
