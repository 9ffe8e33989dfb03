import { candidatesOf } from './media-source.js'

/** @import { Surface } from './binding.js' */
/** @import { MediaSource } from './media-source.js' */

/** A link gets another URL this long before the one it has ends, in seconds. */
const RENEW_EARLY_SECONDS = 30

/**
 * Keeps an `<a>` pointing to a URL of a medium that opens.
 *
 * @param {HTMLAnchorElement} link
 * @param {MediaSource} source
 * @returns {Surface}
 */
export function linkSurface(link, source) {
  return {
    candidates: candidatesOf({ url: source.url }),
    early: RENEW_EARLY_SECONDS,
    show: async ({ url }) => (link.href = url),
    hide: () => link.removeAttribute('href')
  }
}
