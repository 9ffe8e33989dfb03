import { bind } from './binding.js'
import { onlyOf } from './media-source.js'
import { sourceOf } from './source-of.js'

/** @import { BindOptions, Binding, Surface } from './binding.js' */
/** @import { MediaSource } from './media-source.js' */
/** @import { AttachmentLike } from './source-of.js' */

/** A link gets another URL this long before the one it has ends, in seconds. */
const RENEW_EARLY_SECONDS = 30

/**
 * Keeps an `<a>` pointing to a URL of a medium that opens.
 *
 * @param {HTMLAnchorElement} link
 * @param {string | AttachmentLike} medium media URL, or an attachment
 * @param {BindOptions} [options]
 * @returns {Binding} `release()` it when the element leaves the page
 */
export function bindLink(link, medium, options = {}) {
  return bind(link, linkSurface(link, sourceOf(medium)), options)
}

/**
 * @param {HTMLAnchorElement} link
 * @param {MediaSource} source
 * @param {Surface['onState']} [onState]
 * @returns {Surface}
 */
export function linkSurface(link, source, onState) {
  return {
    candidates: onlyOf(source),
    onState,
    early: RENEW_EARLY_SECONDS,
    show: async ({ url }) => (link.href = url),
    hide: () => link.removeAttribute('href')
  }
}
