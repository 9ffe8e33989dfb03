import { bind } from './binding.js'
import { stripFatQueryParam } from './media-url.js'
import { sourceOf } from './source-of.js'
import { showPlaceholder } from './placeholder.js'

/** @import { Binding, MediaState, MediaStateDetail, Surface } from './binding.js' */
/** @import { MediaSource } from './media-source.js' */
/** @import { AttachmentLike } from './source-of.js' */

/** Where there are no elements, as on a server, the classes can still be imported. */
const Base = /** @type {typeof HTMLElement} */ (
  globalThis.HTMLElement ?? /** @type {unknown} */ (class {})
)

const SOURCE = ['src', 'width', 'height', 'thumbnails', 'thumbhash', 'margin']

const STYLE = `
:host{display:inline-block;position:relative;max-width:100%;overflow:hidden;vertical-align:middle}
:host([hidden]){display:none}
[part=frame]{position:relative;width:var(--width,auto);min-width:100%;max-width:100%;height:100%}
[part=frame]>*{box-sizing:border-box}
[part=placeholder],.sized [part=media]{position:absolute;inset:0;width:100%;height:100%}
[part=media]{display:block;max-width:100%;object-fit:inherit;object-position:inherit}
img[part=media]{font-size:small}
:host(:not([state=loading],[state=shown])) img[part=media]{opacity:0}
[part=placeholder]{filter:blur(8px);transform:scale(1.06)}
[part=problem]{position:absolute;inset:0;display:grid;place-items:center;text-align:center;padding:.5em}
:host(:not([state=error],[state=gone])) [part=problem],
:host(:is([state=error],[state=gone])) [part=media],
:host([state=shown]) [part=placeholder],:host([state=shown]) slot[name=placeholder]{display:none}
:not(.sized)>[part=problem]{position:static}
`

/** @type {CSSStyleSheet | undefined} */
let sheet

/**
 * What every element of this SDK does. Slots: `placeholder` until the medium is there, `error`
 * in place of it. Parts: `media`, `placeholder`, `problem`. The attribute `state` says how it is,
 * the events `cloak-state` and `cloak-error` bubble and tell why.
 */
export class CloakElement extends Base {
  /** @type {Binding | undefined} */
  #binding
  #isAsked = false
  /** @type {object | undefined} */
  #client
  /** What the binding was made for. @type {{ asked?: string, client?: object | undefined }} */
  #bound = {}
  #takePlaceholder = () => {}
  #problem = part('slot')

  static get observedAttributes() {
    return [...SOURCE, ...this.passedOn]
  }

  /** Attributes that the medium inside gets too. @returns {string[]} */
  static get passedOn() {
    return []
  }

  /** @param {HTMLElement} medium the element inside that shows the medium */
  constructor(medium) {
    super()
    /** The element inside that shows the medium. */
    this.medium = medium
    const placeholder = part('slot')
    placeholder.setAttribute('name', 'placeholder')
    this.#problem.setAttribute('name', 'error')
    this.frame = part(
      'div',
      'frame',
      part('div', 'placeholder'),
      placeholder,
      medium,
      part('div', 'problem', this.#problem)
    )
    const root = this.attachShadow({ mode: 'open' })
    if (!sheet) {
      sheet = new CSSStyleSheet()
      sheet.replaceSync(STYLE)
    }
    root.adoptedStyleSheets = [sheet]
    root.append(this.frame)
  }

  connectedCallback() {
    this.#ask()
  }

  disconnectedCallback() {
    this.#ask()
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (!SOURCE.includes(name)) this.pass(name)
    else this.#ask()
  }

  /** How it is: `idle`, `loading`, `shown`, `error` or `gone`. @returns {MediaState} */
  get state() {
    return this.#binding?.state ?? 'idle'
  }

  /** Media URL, with or without a token. */
  get src() {
    return this.getAttribute('src') ?? ''
  }

  set src(url) {
    this.setAttribute('src', url)
  }

  /**
   * Whose session it is; the client that was initialised last if none is set.
   *
   * @param {object | undefined} client
   */
  set client(client) {
    this.#client = client
    this.#ask()
  }

  /**
   * Takes URL, size, thumbnails, placeholder and name of an attachment of a message.
   *
   * @param {AttachmentLike} attachment
   */
  set attachment(attachment) {
    const { url, width, height, thumbnails, thumbHash, name } = sourceOf(attachment, {})
    // No token is to stand in the document.
    const smaller = thumbnails?.map((it) => stripFatQueryParam(String(it))).join(' ')
    const attributes = { width, height, thumbnails: smaller, thumbhash: thumbHash }
    for (const [name, value] of Object.entries(attributes)) {
      if (value === undefined || value === '') this.removeAttribute(name)
      else this.setAttribute(name, String(value))
    }
    if (name !== undefined) this.named(name)
    this.src = stripFatQueryParam(url)
  }

  /** Tries again now. */
  again() {
    this.#binding?.again()
  }

  /**
   * @param {MediaSource} _source
   * @returns {Surface}
   */
  surfaceOf(_source) {
    throw new TypeError('each element says how it shows its medium')
  }

  /** @param {string} name of an attribute that the medium inside gets too */
  pass(name) {
    const value = this.getAttribute(name)
    if (value === null && name !== 'alt') this.medium.removeAttribute(name)
    else this.medium.setAttribute(name, value ?? '')
  }

  /** @param {string} name of the file, unless the page says it better */
  named(name) {
    if (!this.hasAttribute('alt')) this.setAttribute('alt', name)
  }

  /** @param {MediaState} state @param {MediaStateDetail} detail */
  onState = (state, detail) => {
    this.setAttribute('state', state)
    this.#problem.textContent = detail.message ?? ''
    if (state === 'shown') {
      this.#takePlaceholder()
      this.#holdRoom(this.#source())
    } else this.#showPlaceholder()
  }

  /** Attributes come one by one: what they say together is read once. */
  #ask() {
    if (this.#isAsked) return
    this.#isAsked = true
    queueMicrotask(() => {
      this.#isAsked = false
      this.#bind()
    })
  }

  #bind() {
    const source = this.#source()
    const margin = this.getAttribute('margin') ?? undefined
    const asked = JSON.stringify([source, margin])
    const client = this.#client
    // Who is moved inside the document keeps what it shows.
    if (this.isConnected && asked === this.#bound.asked && client === this.#bound.client) return
    this.#bound = this.isConnected ? { asked, client } : {}
    this.#binding?.release()
    this.#binding = undefined
    this.#holdRoom(source)
    if (!this.isConnected || !source.url) return
    this.#showPlaceholder()
    this.#binding = bind(this, this.surfaceOf(source), { client, margin })
  }

  /** @returns {MediaSource} */
  #source() {
    /** @type {MediaSource} */
    const source = { url: this.src }
    for (const name of /** @type {const} */ (['width', 'height'])) {
      const pixels = Number.parseInt(this.getAttribute(name) ?? '', 10)
      if (pixels > 0) source[name] = pixels
    }
    const thumbnails = this.getAttribute('thumbnails')?.split(/\s+/).filter(Boolean)
    if (thumbnails) source.thumbnails = thumbnails
    return source
  }

  /** @param {Pick<MediaSource, 'width' | 'height'>} source */
  #holdRoom(source) {
    const medium = /** @type {any} */ (this.medium)
    const width = source.width ?? (medium.naturalWidth || medium.videoWidth)
    const height = source.height ?? (medium.naturalHeight || medium.videoHeight)
    const { classList, style } = this.frame
    classList.toggle('sized', !!(width && height))
    style.setProperty('--width', width ? `${width}px` : 'auto')
    style.aspectRatio = width && height ? `${width} / ${height}` : ''
  }

  #showPlaceholder() {
    const element = /** @type {HTMLElement} */ (this.frame.firstElementChild)
    this.#takePlaceholder()
    this.#takePlaceholder = showPlaceholder(element, this.getAttribute('thumbhash'))
  }
}

/**
 * @param {string} tag
 * @param {string} [name]
 * @param {HTMLElement[]} children
 */
export function part(tag, name, ...children) {
  const element = document.createElement(tag)
  if (name) element.setAttribute('part', name)
  element.append(...children)
  return element
}
