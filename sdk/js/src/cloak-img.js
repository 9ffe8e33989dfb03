import { imageSurface } from './bind-image.js'
import { CloakElement, part } from './cloak-element.js'

/** @import { MediaSource } from './media-source.js' */

/** `<cloak-img src alt width height thumbnails thumbhash>`: an image that never breaks. */
export class CloakImg extends CloakElement {
  static get passedOn() {
    return ['alt']
  }

  constructor() {
    super(part('img', 'media'))
    this.image.decoding = 'async'
  }

  /** The image inside. @returns {HTMLImageElement} */
  get image() {
    return /** @type {HTMLImageElement} */ (this.medium)
  }

  /** @param {MediaSource} source */
  surfaceOf(source) {
    return imageSurface(this.image, source, this.onState)
  }
}
