/** @import { MediaSource } from './media-source.js' */
import type { MediaSource } from './media-source.js';
export type AttachmentLike = {
    getUrl: () => string;
    getName?: () => string;
    getWidth?: () => number | undefined;
    getHeight?: () => number | undefined;
    getThumbnails?: () => string[];
    getThumbHash?: () => string | undefined;
};
/**
 * An attachment of a message, or what reads like one.
 *
 * @typedef {object} AttachmentLike
 * @property {() => string} getUrl
 * @property {() => string} [getName]
 * @property {() => number | undefined} [getWidth]
 * @property {() => number | undefined} [getHeight]
 * @property {() => string[]} [getThumbnails]
 * @property {() => string | undefined} [getThumbHash]
 */
/**
 * @param {string | AttachmentLike} medium
 * @param {Partial<MediaSource>} [options] what is known better
 * @returns {MediaSource}
 */
export declare function sourceOf(medium: string | AttachmentLike, options?: Partial<MediaSource>): MediaSource;
