import type { Surface } from './binding.js';
import type { MediaSource } from './media-source.js';
/**
 * Keeps an `<a>` pointing to a URL of a medium that opens.
 *
 * @param {HTMLAnchorElement} link
 * @param {MediaSource} source
 * @returns {Surface}
 */
export declare function linkSurface(link: HTMLAnchorElement, source: MediaSource): Surface;
