import { CloakElement } from './cloak-element.js';
/** `<cloak-img src alt width height thumbnails thumbhash>`: an image that never breaks. */
export declare class CloakImg extends CloakElement {
    constructor();
    /** The image inside. @returns {HTMLImageElement} */
    get image(): HTMLImageElement;
}
