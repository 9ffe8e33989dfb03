import { Binding } from './binding.js'
import { CloakElement, part } from './cloak-element.js'
import { LinkSurface } from './bind-link.js'

/** @import { MediaSource } from './media-source.js' */

/** `<cloak-file src name>`: a link that opens when it is followed. What is inside it is its text. */
export class CloakFile extends CloakElement {
  #link

  static get passedOn() {
    return ['name', 'target']
  }

  constructor() {
    const link = /** @type {HTMLAnchorElement} */ (part('a', 'media'))
    const text = document.createElement('slot')
    link.append(text)
    super(link)
    this.frame.classList.add('inline')
    this.#link = link
  }

  /** The link inside. @returns {HTMLAnchorElement} */
  get link() {
    return this.#link
  }

  /** @param {string} name */
  pass(name) {
    const value = this.getAttribute(name) ?? ''
    if (name === 'target') this.#link.target = value
    else /** @type {HTMLElement} */ (this.#link.firstElementChild).textContent = value
  }

  /** @param {string} name of the file */
  named(name) {
    if (!this.hasAttribute('name')) this.setAttribute('name', name)
  }

  /** @param {MediaSource} source */
  bindTo(source) {
    const surface = new LinkSurface(this, this.#link, this.onState)
    return new Binding(surface, [{ url: source.url, width: Infinity }], this.bindOptions)
  }
}
