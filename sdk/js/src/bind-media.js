import { imageSurface } from './bind-image.js'
import { bindLink } from './bind-link.js'
import { bindPlayer } from './bind-player.js'
import { bind } from './binding.js'
import { showPlaceholder } from './placeholder.js'
import { sourceOf } from './source-of.js'

/** @import { BindOptions, Binding } from './binding.js' */
/** @import { MediaSource } from './media-source.js' */
/** @import { AttachmentLike } from './source-of.js' */

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
export function bindMedia(element, medium, options = {}) {
  const { localName } = element
  if (localName === 'video' || localName === 'audio') {
    return bindPlayer(/** @type {HTMLMediaElement} */ (element), medium, options)
  }
  if (localName === 'a') {
    return bindLink(/** @type {HTMLAnchorElement} */ (element), medium, options)
  }
  if (localName !== 'img') throw new TypeError(`<${localName}> shows no medium`)
  const source = sourceOf(medium, options)
  let takeAway = showPlaceholder(element, source.thumbHash)
  const surface = imageSurface(/** @type {HTMLImageElement} */ (element), source, (state) => {
    element.dataset['cloak'] = state
    takeAway()
    if (state !== 'shown') takeAway = showPlaceholder(element, source.thumbHash)
  })
  const { release } = surface
  surface.release = () => {
    takeAway()
    release?.()
  }
  return bind(element, surface, options)
}
