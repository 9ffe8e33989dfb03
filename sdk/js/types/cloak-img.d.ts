import { CloakElement } from './cloak-element.js';
import type { MediaSource } from './media-source.js';
/** @import { MediaSource } from './media-source.js' */
/** `<cloak-img src alt width height thumbnails thumbhash>`: an image that never breaks. */
export declare class CloakImg extends CloakElement {
    static get passedOn(): string[];
    constructor();
    /** The image inside. @returns {HTMLImageElement} */
    get image(): HTMLImageElement;
    /** @param {MediaSource} source */
    surfaceOf(source: MediaSource): import("./binding.js").Surface;
}
