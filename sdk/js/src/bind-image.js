import { bind } from './binding.js'
import { holdRoom } from './hold-room.js'
import { candidatesOf } from './media-source.js'
import { once } from './player-state.js'
import { sourceOf } from './source-of.js'

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
export function bindImage(image, medium, options = {}) {
  const source = sourceOf(medium, options)
  return bind(image, imageSurface(image, source), options)
}

/**
 * @param {HTMLImageElement} image
 * @param {MediaSource} source
 * @returns {Surface}
 */
export function imageSurface(image, source) {
  const sources = image.closest('picture')?.querySelectorAll('source') ?? []
  // The browser would choose from them by itself, and load without a credential.
  for (const it of [image, ...sources]) it.removeAttribute('srcset')
  const room = holdRoom(image, source)
  /** What the image shows, if it is no URL of the host. @type {LocalCopy | null | undefined} */
  let copy
  return {
    candidates: candidatesOf(source),

    async show({ url }, app, signal) {
      const next = await app.localCopy?.(url)
      if (signal.aborted) return next?.release()
      copy?.release()
      copy = next
      const loaded = once(image, 'load', signal)
      image.src = copy?.url ?? url
      await loaded
      room.give()
    },

    hide() {
      room.hold()
      image.removeAttribute('src')
      copy?.release()
      copy = null
    },

    release: room.give
  }
}
