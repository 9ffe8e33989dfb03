import { CloakElement } from './cloak-element.js';
import type { MediaSource } from './media-source.js';
/** @import { MediaSource } from './media-source.js' */
/** `<cloak-file src name>`: a link that opens when it is followed. What is inside it is its text. */
export declare class CloakFile extends CloakElement {
    #private;
    static passedOn: string[];
    constructor();
    /** The link inside. @returns {HTMLAnchorElement} */
    get link(): HTMLAnchorElement;
    /** @param {string} name */
    pass(name: string): void;
    /** @param {MediaSource} source */
    surfaceOf(source: MediaSource): import("./binding.js").Surface;
}
