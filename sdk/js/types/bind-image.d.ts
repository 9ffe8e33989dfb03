import type { BindOptions, Binding, Surface } from './binding.js';
import type { AttachmentLike } from './source-of.js';
import type { MediaSource } from './media-source.js';
/** @import { LocalCopy } from './app.js' */
/** @import { BindOptions, Binding, Surface } from './binding.js' */
/** @import { AttachmentLike } from './source-of.js' */
/** @import { MediaSource } from './media-source.js' */
/**
 * Keeps an `<img>` showing a medium: it loads near the viewport, in the version that fits, tries
 * once more when it is refused, gives its memory back far from the viewport, and leaves the screen
 * when the medium is taken back.
 *
 * @param {HTMLImageElement} image
 * @param {string | AttachmentLike} medium media URL, or an attachment
 * @param {Omit<MediaSource, 'url'> & BindOptions} [options]
 * @returns {Binding} `release()` it when the element leaves the page
 */
export declare function bindImage(image: HTMLImageElement, medium: string | AttachmentLike, options?: Omit<MediaSource, 'url'> & BindOptions): Binding;
/**
 * @param {HTMLImageElement} image
 * @param {MediaSource} source
 * @returns {Surface}
 */
export declare function imageSurface(image: HTMLImageElement, source: MediaSource): Surface;
