import { linkSurface } from './bind-link.js'
import { CloakElement, part } from './cloak-element.js'

/** @import { MediaSource } from './media-source.js' */

/** `<cloak-file src name>`: a link that opens when it is followed. What is inside it is its text. */
export class CloakFile extends CloakElement {
  static get passedOn() {
    return ['name', 'target']
  }

  constructor() {
    super(part('a', 'media', document.createElement('slot')))
  }

  /** The link inside. @returns {HTMLAnchorElement} */
  get link() {
    return /** @type {HTMLAnchorElement} */ (this.medium)
  }

  /** @param {string} name */
  pass(name) {
    if (name === 'target') super.pass(name)
    else {
      const text = /** @type {HTMLElement} */ (this.link.firstElementChild)
      text.textContent = this.getAttribute(name)
    }
  }

  /** @param {string} name of the file */
  named(name) {
    if (!this.hasAttribute('name')) this.setAttribute('name', name)
  }

  /** @param {MediaSource} source */
  surfaceOf(source) {
    return linkSurface(this.link, source, this.onState)
  }
}
