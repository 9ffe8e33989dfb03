import type { BindOptions, Binding, Surface } from './binding.js';
import type { MediaSource } from './media-source.js';
import type { AttachmentLike } from './source-of.js';
/**
 * Keeps an `<a>` pointing to a URL of a medium that opens.
 *
 * @param {HTMLAnchorElement} link
 * @param {string | AttachmentLike} medium media URL, or an attachment
 * @param {BindOptions} [options]
 * @returns {Binding} `release()` it when the element leaves the page
 */
export declare function bindLink(link: HTMLAnchorElement, medium: string | AttachmentLike, options?: BindOptions): Binding;
/**
 * @param {HTMLAnchorElement} link
 * @param {MediaSource} source
 * @param {Surface['onState']} [onState]
 * @returns {Surface}
 */
export declare function linkSurface(link: HTMLAnchorElement, source: MediaSource, onState?: Surface['onState']): Surface;
