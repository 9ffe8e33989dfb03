/** @import { Listenable } from './effects.js' */
import type { Listenable } from './effects.js';
/**
 * Tells of every image, video or audio of a page that failed to load.
 *
 * Error events of elements do not bubble, but a capturing listener sees them, and before the
 * element's own listeners do: what those ask for again is no longer cached.
 *
 * @param {Listenable | null} document
 * @param {(url: string, element: { src?: unknown }) => boolean} onFailure whether the element is
 *   given another try; then nobody else is told
 */
export declare function watchMediaErrors(document: Listenable | null, onFailure: (url: string, element: {
    src?: unknown;
}) => boolean): void;
/**
 * Asks the secure media host why it refuses a URL.
 *
 * @param {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @param {string} url
 * @returns {Promise<unknown>} `details` of the refusal; `null` if it is no 401, or cannot be told
 */
export declare function refusalOf(fetch: (url: string, init: RequestInit) => Promise<Response>, url: string): Promise<unknown>;
