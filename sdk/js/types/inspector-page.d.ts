/** @import { MediaState } from './binding.js' */
import type { MediaState } from './binding.js';
/**
 * Media that a page showed before anybody listened.
 *
 * @param {Document} document
 * @returns {{ element: Element, detail: { url: string, state: MediaState } }[]}
 */
export declare function mediaElements(document: Document): {
    element: Element;
    detail: {
        url: string;
        state: MediaState;
    };
}[];
