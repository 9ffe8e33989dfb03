import type { BindOptions, Binding } from './binding.js';
import type { MediaSource } from './media-source.js';
import type { AttachmentLike } from './source-of.js';
/**
 * Keeps an element of the page showing a medium, from its approach to the viewport to its removal:
 * `<img>`, `<video>`, `<audio>`, or `<a>` for a file. How it is stands in `data-cloak`; the events
 * `cloak-state` and `cloak-error` bubble and tell why.
 *
 * @param {HTMLImageElement | HTMLMediaElement | HTMLAnchorElement} element
 * @param {string | AttachmentLike} medium media URL, with or without a token, or an attachment
 * @param {Omit<MediaSource, 'url'> & BindOptions} [options]
 * @returns {Binding} `release()` it when the element leaves the page
 * @throws {TypeError} for any other element
 */
export declare function bindMedia(element: HTMLImageElement | HTMLMediaElement | HTMLAnchorElement, medium: string | AttachmentLike, options?: Omit<MediaSource, 'url'> & BindOptions): Binding;
