import { imageSurface } from './bind-image.js'
import { linkSurface } from './bind-link.js'
import { playerSurface } from './bind-player.js'
import { bind } from './binding.js'
import { placeholderOf } from './placeholder.js'
import { sourceOf } from './source-of.js'

/** @import { BindOptions, Binding, Surface } from './binding.js' */
/** @import { MediaSource } from './media-source.js' */
/** @import { AttachmentLike } from './source-of.js' */

/** What shows a medium, by the name of the element. @type {Record<string, (element: any, source: MediaSource) => Surface>} */
const SURFACES = {
  a: linkSurface,
  audio: playerSurface,
  img: imageWithPlaceholder,
  video: playerSurface
}

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
  const surface = SURFACES[element.localName]
  if (!surface) throw new TypeError(`<${element.localName}> shows no medium`)
  return bind(element, surface(element, sourceOf(medium, options)), options)
}

/**
 * @param {HTMLImageElement} image
 * @param {MediaSource} source
 * @returns {Surface}
 */
function imageWithPlaceholder(image, source) {
  const { style, dataset } = image
  const before = style.background
  const placeholder = placeholderOf(source.thumbHash) || before
  style.background = placeholder
  const surface = imageSurface(image, source)
  return {
    ...surface,
    onState(state) {
      dataset['cloak'] = state
      style.background = state === 'shown' ? before : placeholder
    },
    release() {
      style.background = before
      surface.release?.()
    }
  }
}
