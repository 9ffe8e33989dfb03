import { Binding } from './binding.js'
import { sourceOf } from './source-of.js'

/** @import { Opens } from './open-media.js' */
/** @import { BindOptions, MediaState, MediaStateDetail, Surface, SurfaceHooks } from './binding.js' */
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
  const { url } = sourceOf(medium, {})
  return new Binding(new LinkSurface(link, link), [{ url, width: Infinity }], options)
}

/** An `<a>`. @implements {Surface} */
export class LinkSurface {
  #link
  /** @type {SurfaceHooks | undefined} */
  hooks

  /**
   * @param {HTMLElement} element whose place decides
   * @param {HTMLAnchorElement} link
   * @param {(state: MediaState, detail: MediaStateDetail) => void} [onState]
   */
  constructor(element, link, onState) {
    this.element = element
    this.#link = link
    this.onState = onState ?? ((state) => void (link.dataset['cloak'] = state))
  }

  /** @param {Opens} opens */
  async show({ url }) {
    this.#link.href = url
  }

  hide() {
    this.#link.removeAttribute('href')
  }

  isBusy() {
    return false
  }

  /** @param {Opens} opens */
  renewAt({ expiresAt }) {
    return expiresAt - RENEW_EARLY_SECONDS
  }

  release() {}
}
