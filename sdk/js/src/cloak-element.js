import { imageSurface } from './bind-image.js'
import { bind } from './binding.js'
import { stripFatQueryParam } from './media-url.js'
import { sourceOf } from './source-of.js'
import { placeholderOf } from './placeholder.js'

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
[part=frame]{position:relative;min-width:100%;max-width:100%;height:100%}
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
  #label
  /** @type {object | undefined} */
  #client
  /** What the binding was made for. */
  #bound = ''
  #placeholder = make('div', { part: 'placeholder' })
  #problem = make('slot', { name: 'error' })

  static get observedAttributes() {
    return [...SOURCE, ...this.passedOn]
  }

  /** Attributes that the medium inside gets too. */
  static passedOn = ['alt']

  /**
   * @param {HTMLElement} medium the element inside that shows the medium
   * @param {string} [label] the attribute that the name of the file goes to
   */
  constructor(medium, label = 'alt') {
    super()
    /** The element inside that shows the medium. */
    this.medium = medium
    this.#label = label
    this.frame = make(
      'div',
      { part: 'frame' },
      this.#placeholder,
      make('slot', { name: 'placeholder' }),
      medium,
      make('div', { part: 'problem' }, this.#problem)
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
    if (SOURCE.includes(name)) this.#ask()
    else this.pass(name)
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
    if (client !== this.#client) this.#bound = ''
    this.#client = client
    this.#ask()
  }

  /**
   * Takes URL, size, thumbnails, placeholder and name of an attachment of a message.
   *
   * @param {AttachmentLike} attachment
   */
  set attachment(attachment) {
    const { url, name, thumbHash, thumbnails, ...size } = sourceOf(attachment)
    // No token is to stand in the document.
    const smaller = thumbnails?.map((it) => stripFatQueryParam(String(it))).join(' ')
    /** @type {Record<string, any>} */
    const attributes = { width: 0, height: 0, ...size, thumbnails: smaller, thumbhash: thumbHash }
    if (!this.hasAttribute(this.#label) && name) attributes[this.#label] = name
    for (const [name, value] of Object.entries(attributes)) {
      if (value) this.setAttribute(name, value)
      else this.removeAttribute(name)
    }
    this.src = stripFatQueryParam(url)
  }

  /** Tries again now. */
  again() {
    this.#binding?.again()
  }

  /**
   * What shows the medium: an image, unless a kind of element says otherwise.
   *
   * @param {MediaSource} source
   * @returns {Surface}
   */
  surfaceOf(source) {
    return imageSurface(/** @type {HTMLImageElement} */ (this.medium), source)
  }

  /** @param {string} name of an attribute that the medium inside gets too */
  pass(name) {
    const value = this.getAttribute(name)
    if (value === null && name !== 'alt') this.medium.removeAttribute(name)
    else this.medium.setAttribute(name, value ?? '')
  }

  /** @param {MediaState} state @param {MediaStateDetail} detail */
  onState = (state, detail) => {
    this.setAttribute('state', state)
    this.#problem.textContent = detail.message ?? ''
    if (state === 'shown') this.#holdRoom(this.#source())
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
    const { isConnected } = this
    const source = this.#source()
    const margin = this.getAttribute('margin') ?? undefined
    this.#placeholder.style.background = placeholderOf(this.getAttribute('thumbhash'))
    const bound = JSON.stringify([isConnected, source, margin])
    // Who is moved inside the document keeps what it shows.
    if (bound === this.#bound) return
    this.#bound = bound
    this.#binding?.release()
    this.#binding = undefined
    this.#holdRoom(source)
    if (isConnected && source.url) {
      const surface = this.surfaceOf(source)
      surface.onState = this.onState
      this.#binding = bind(this, surface, { client: this.#client, margin })
    }
  }

  /** @returns {MediaSource} */
  #source() {
    /** @type {MediaSource} */
    const source = { url: this.src }
    for (const name of /** @type {const} */ (['width', 'height'])) {
      const pixels = Number.parseInt(this.getAttribute(name) ?? '')
      if (pixels > 0) source[name] = pixels
    }
    const thumbnails = this.getAttribute('thumbnails')?.match(/\S+/g)
    if (thumbnails) source.thumbnails = thumbnails
    return source
  }

  /** @param {Pick<MediaSource, 'width' | 'height'>} source */
  #holdRoom(source) {
    const medium = /** @type {any} */ (this.medium)
    const width = source.width ?? (medium.naturalWidth || medium.videoWidth)
    const height = source.height ?? (medium.naturalHeight || medium.videoHeight)
    const isSized = width && height
    this.frame.className = isSized ? 'sized' : ''
    this.frame.style.width = width ? `${width}px` : ''
    this.frame.style.aspectRatio = isSized ? `${width} / ${height}` : ''
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string>} properties
 * @param {HTMLElement[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}
