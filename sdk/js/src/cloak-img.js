import { ImageSurface } from './bind-image.js'
import { Binding } from './binding.js'
import { CloakElement, part } from './cloak-element.js'
import { candidatesOf } from './media-source.js'

/** @import { MediaSource } from './media-source.js' */

/** `<cloak-img src alt width height thumbnails thumbhash>`: an image that never breaks. */
export class CloakImg extends CloakElement {
  #image

  static get passedOn() {
    return ['alt']
  }

  constructor() {
    const image = /** @type {HTMLImageElement} */ (part('img', 'media'))
    super(image)
    image.decoding = 'async'
    this.#image = image
  }

  /** The image inside. @returns {HTMLImageElement} */
  get image() {
    return this.#image
  }

  /** @param {MediaSource} source */
  bindTo(source) {
    const surface = new ImageSurface(this, this.#image, source, this.onState)
    return new Binding(surface, candidatesOf(source), this.bindOptions)
  }

  natural() {
    const { naturalWidth: width, naturalHeight: height } = this.#image
    return width > 0 && height > 0 ? { width, height } : {}
  }

  /** @param {string} name */
  pass(name) {
    this.#image.setAttribute(name, this.getAttribute(name) ?? '')
  }
}
