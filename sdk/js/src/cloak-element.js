import { stripFatQueryParam } from './media-url.js'
import { sourceOf } from './source-of.js'
import { showPlaceholder } from './placeholder.js'

/** @import { BindOptions, Binding, MediaState, MediaStateDetail } from './binding.js' */
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
:host(:is([state=error],[state=gone])) :is([part=media],.inline),
:host([state=shown]) [part=placeholder],:host([state=shown]) slot[name=placeholder]{display:none}
.inline [part=problem]{position:static}
`

/** @type {CSSStyleSheet | undefined} */
let sheet

/**
 * What every element of this SDK does. Slots: `placeholder` until the medium is there, `error`
 * in place of it. Parts: `media`, `placeholder`, `problem`. The attribute `state` says how it is,
 * the events `cloak-state` and `cloak-error` bubble and tell why.
 */
export class CloakElement extends Base {
  /** @type {Binding | null} */
  #binding = null
  #isAsked = false
  /** @type {object | undefined} */
  #client
  /** What the binding was made for. @type {{ asked?: string, client?: object | undefined }} */
  #bound = {}
  #takePlaceholder = () => {}
  /** @type {HTMLElement} */
  frame
  /** @type {HTMLElement} */
  #problem

  static get observedAttributes() {
    return [...SOURCE, ...this.passedOn]
  }

  /** Attributes that the medium inside gets too. @returns {string[]} */
  static get passedOn() {
    return []
  }

  /** @param {HTMLElement[]} media the elements inside that show the medium */
  constructor(...media) {
    super()
    const root = this.attachShadow({ mode: 'open' })
    if (sheet === undefined) {
      sheet = new CSSStyleSheet()
      sheet.replaceSync(STYLE)
    }
    root.adoptedStyleSheets = [sheet]
    this.frame = part('div', 'frame')
    const placeholder = part('div', 'placeholder')
    const problem = part('div', 'problem')
    this.#problem = slot('error')
    problem.append(this.#problem)
    this.frame.append(placeholder, slot('placeholder'), ...media, problem)
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
   * @returns {Binding}
   */
  bindTo(_source) {
    throw new TypeError('each element says how it shows its medium')
  }

  /** @returns {BindOptions} */
  get bindOptions() {
    const margin = this.getAttribute('margin')
    return { ...(margin && { margin }), ...(this.#client && { client: this.#client }) }
  }

  /** Size of the medium itself, once it is known. @returns {Pick<MediaSource, 'width' | 'height'>} */
  natural() {
    return {}
  }

  /** @param {string} _name of an attribute that changed */
  pass(_name) {}

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
    const asked = JSON.stringify([source, this.getAttribute('margin')])
    // Who is moved inside the document keeps what it shows.
    if (this.isConnected && asked === this.#bound.asked && this.#client === this.#bound.client)
      return
    this.#bound = this.isConnected ? { asked, client: this.#client } : {}
    this.#binding?.release()
    this.#binding = null
    this.#holdRoom(source)
    if (!this.isConnected || source.url === '') return
    this.#showPlaceholder()
    this.#binding = this.bindTo(source)
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
    if (thumbnails !== undefined) source.thumbnails = thumbnails
    return source
  }

  /** @param {Pick<MediaSource, 'width' | 'height'>} source */
  #holdRoom(source) {
    const { width, height } = { ...this.natural(), ...source }
    const isSized = width !== undefined && height !== undefined
    this.frame.classList.toggle('sized', isSized)
    this.frame.style.setProperty('--width', width === undefined ? 'auto' : `${width}px`)
    this.frame.style.aspectRatio = isSized ? `${width} / ${height}` : ''
  }

  #showPlaceholder() {
    const element = /** @type {HTMLElement} */ (this.frame.firstElementChild)
    this.#takePlaceholder()
    this.#takePlaceholder = showPlaceholder(element, this.getAttribute('thumbhash') ?? undefined)
  }
}

/**
 * @param {string} tag
 * @param {string} name
 */
export function part(tag, name) {
  const element = document.createElement(tag)
  element.setAttribute('part', name)
  return element
}

/** @param {string} name */
function slot(name) {
  const element = document.createElement('slot')
  element.name = name
  return element
}
