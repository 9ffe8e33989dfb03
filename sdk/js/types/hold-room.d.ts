/** @import { MediaSource } from './media-source.js' */
import type { MediaSource } from './media-source.js';
/**
 * Keeps the room of an image that has no picture, so that nothing jumps when it comes or goes.
 *
 * @param {HTMLImageElement} image
 * @param {Pick<MediaSource, 'width' | 'height'>} size in pixels, as far as it is known
 * @returns {{ hold: () => void, give: () => void }} `give` leaves the room to the picture
 */
export declare function holdRoom(image: HTMLImageElement, size: Pick<MediaSource, 'width' | 'height'>): {
    hold: () => void;
    give: () => void;
};
