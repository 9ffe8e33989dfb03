import { Binding } from './binding.js'
import { boundElements } from './bindings.js'
import { holdRoom } from './hold-room.js'
import { candidatesOf } from './media-source.js'
import { sourceOf } from './source-of.js'

/** @import { App, LocalCopy } from './app.js' */
/** @import { Opens } from './open-media.js' */
/** @import { BindOptions, MediaState, MediaStateDetail, Surface, SurfaceHooks } from './binding.js' */
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
  return new Binding(new ImageSurface(image, image, source), candidatesOf(source), options)
}

/** An `<img>`. @implements {Surface} */
export class ImageSurface {
  #image
  #stop = new AbortController()
  #room
  /** @type {LocalCopy | null} what the image shows, if it is no URL of the host */
  #copy = null
  /** @type {SurfaceHooks | undefined} */
  hooks

  /**
   * @param {HTMLElement} element whose place decides
   * @param {HTMLImageElement} image
   * @param {MediaSource} source
   * @param {(state: MediaState, detail: MediaStateDetail) => void} [onState]
   */
  constructor(element, image, source, onState) {
    this.element = element
    this.#image = image
    this.#room = holdRoom(image, source)
    this.onState = onState ?? ((state) => void (image.dataset['cloak'] = state))
    boundElements.add(image)
  }

  /**
   * @param {Opens} opens
   * @param {App} app
   */
  async show({ url }, app) {
    this.#stop.abort()
    const { signal } = (this.#stop = new AbortController())
    const copy = app.localCopy ? await app.localCopy(url) : null
    if (signal.aborted) return copy?.release()
    this.#releaseCopy()
    this.#copy = copy
    await this.#load(copy?.url ?? url, signal)
  }

  /**
   * @param {string} url
   * @param {AbortSignal} signal
   */
  #load(url, signal) {
    return new Promise((resolve, reject) => {
      const done = new AbortController()
      signal.addEventListener('abort', () => done.abort(), { once: true })
      const settle = (/** @type {Event} */ event) => {
        done.abort()
        if (event.type === 'load') {
          this.#room.give()
          resolve(undefined)
          return
        }
        // The page hears of it once there is no way round it.
        event.stopImmediatePropagation()
        reject(event)
      }
      for (const type of ['load', 'error']) {
        this.#image.addEventListener(type, settle, { capture: true, signal: done.signal })
      }
      this.#image.src = url
    })
  }

  hide() {
    this.#stop.abort()
    this.#room.hold()
    this.#image.removeAttribute('src')
    this.#releaseCopy()
  }

  #releaseCopy() {
    this.#copy?.release()
    this.#copy = null
  }

  isBusy() {
    return false
  }

  renewAt() {
    return Infinity
  }

  release() {
    this.#room.give()
    boundElements.delete(this.#image)
  }
}
