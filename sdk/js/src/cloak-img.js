import { CloakElement, make } from './cloak-element.js'

/** `<cloak-img src alt width height thumbnails thumbhash>`: an image that never breaks. */
export class CloakImg extends CloakElement {
  constructor() {
    super(make('img', { part: 'media', decoding: 'async' }))
  }

  /** The image inside. @returns {HTMLImageElement} */
  get image() {
    return /** @type {HTMLImageElement} */ (this.medium)
  }
}
