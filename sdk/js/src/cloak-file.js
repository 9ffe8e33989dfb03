import { linkSurface } from './bind-link.js'
import { CloakElement, make } from './cloak-element.js'

/** @import { MediaSource } from './media-source.js' */

/** `<cloak-file src name>`: a link that opens when it is followed. What is inside it is its text. */
export class CloakFile extends CloakElement {
  #text

  static passedOn = ['name', 'target']

  constructor() {
    const text = make('slot', {})
    super(make('a', { part: 'media' }, text), 'name')
    this.#text = text
  }

  /** The link inside. @returns {HTMLAnchorElement} */
  get link() {
    return /** @type {HTMLAnchorElement} */ (this.medium)
  }

  /** @param {string} name */
  pass(name) {
    if (name === 'name') this.#text.textContent = this.getAttribute(name)
    else super.pass(name)
  }

  /** @param {MediaSource} source */
  surfaceOf(source) {
    return linkSurface(this.link, source)
  }
}
