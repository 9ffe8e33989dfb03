/** @import { MediaSource } from './media-source.js' */

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
export function sourceOf(medium, options) {
  if (typeof medium === 'string') return { ...options, url: medium }
  /** @type {any} */
  const known = {
    width: medium.getWidth?.(),
    height: medium.getHeight?.(),
    thumbnails: medium.getThumbnails?.(),
    thumbHash: medium.getThumbHash?.(),
    name: medium.getName?.()
  }
  for (const [name, value] of Object.entries(known)) if (value === undefined) delete known[name]
  return { ...known, ...options, url: medium.getUrl() }
}
