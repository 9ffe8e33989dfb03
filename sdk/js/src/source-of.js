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
  const known = {}
  for (const name of ['width', 'height', 'thumbnails', 'thumbHash', 'name']) {
    const get = `get${name.replace(/^./, (letter) => letter.toUpperCase())}`
    const value = /** @type {any} */ (medium)[get]?.()
    if (value !== undefined) known[name] = value
  }
  return { ...known, ...options, url: medium.getUrl() }
}
