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
 * @param {Surface['onState']} [onState]
 * @returns {Surface}
 */
export function linkSurface(link, source, onState) {
  return {
    candidates: candidatesOf({ url: source.url }),
    onState,
    early: RENEW_EARLY_SECONDS,
    show: async ({ url }) => (link.href = url),
    hide: () => link.removeAttribute('href')
  }
}
