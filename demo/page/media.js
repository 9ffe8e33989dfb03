import '/sdk/elements.js'
import { element } from './dom.js'
import { Inspector } from './inspector.js'
import { cleanUrl, probe } from './probe.js'
import { size } from './words.js'
import { result } from './result.js'

const ACTIVE = ['image/svg+xml', 'application/pdf', 'text/html']

const PLAYER = { controls: true, playsinline: true }

/** One attachment on the page: the SDK's element that shows it, and what happened to it. */
export class Medium {
  #used = ''

  /** @param {import('./session.js').Session} session @param {any} attachment of a message of the SDK */
  constructor(session, attachment) {
    this.session = session
    this.attachment = attachment
    this.name = attachment.getName() || 'file'
    this.clean = cleanUrl(attachment.getUrl())
    this.kind = kindOf(attachment.getMimeType() ?? '')
    this.cover = element('div', { class: 'cover', slot: 'error' })
    this.target = this.#build()
    this.target.append(this.cover)
    this.target.attachment = attachment
    this.target.addEventListener('cloak-state', (/** @type {any} */ event) => this.#follow(event.detail))
    const title = this.kind === 'audio' ? element('p', { class: 'audio-name', text: this.name }) : null
    this.frame = element('div', { class: `medium medium-${this.kind}`, 'data-state': 'idle' }, title, this.target)
    this.inspector = new Inspector(this)
    this.node = element(
      'div',
      { class: 'handover' },
      element('div', { class: 'handover-medium' }, this.frame, this.inspector.button),
      this.inspector.node,
    )
  }

  /** The URL by which the element shows it, or did last; empty if it never was near the view. */
  get url() {
    const { image, player, link } = this.target
    this.#used = image?.src || player?.src || link?.href || this.#used
    return this.#used
  }

  /**
   * Asks once more by the very URL that it came by, and says what came of it.
   *
   * @returns {Promise<boolean>} whether it was refused
   */
  async recheck() {
    const answer = await probe(this.url || this.clean)
    const isRefused = answer.status === 0 || answer.status >= 400
    if (isRefused) {
      // What was far from the view is as refused as the rest, though its element has not asked.
      if (this.target.state === 'idle') this.cover.slot = 'placeholder'
      this.frame.dataset.state = 'refused'
      this.cover.replaceChildren(result(answer))
    }
    this.inspector.update()
    return isRefused
  }

  /** @param {{ state: string, message?: string }} detail */
  #follow({ state, message }) {
    const isRefused = state === 'error' || state === 'gone'
    this.frame.dataset.state = isRefused ? 'refused' : state
    if (isRefused) {
      this.cover.textContent = message ?? ''
      this.inspector.clear()
      void this.recheck()
    } else {
      // Noted while it is there: what is off the screen has no URL any more.
      if (state === 'shown') this.#used = this.url
      this.inspector.update()
    }
  }

  /** @returns {any} the SDK's element, which knows about tokens all there is to know */
  #build() {
    const attributes = { 'data-testid': `media-${this.kind}` }
    if (this.kind === 'image') return element(/** @type {any} */ ('cloak-img'), attributes)
    if (this.kind === 'file') return this.#fileCard(attributes)
    const player = element(/** @type {any} */ (`cloak-${this.kind}`), { ...PLAYER, ...attributes })
    player.player.setAttribute('aria-label', this.name)
    return player
  }

  /** @param {Record<string, string>} attributes */
  #fileCard(attributes) {
    const mimeType = this.attachment.getMimeType() ?? ''
    const extension = (this.attachment.getExtension() || this.name.split('.').pop() || 'file').toUpperCase()
    const note = ACTIVE.includes(mimeType) ? 'opens as a download only' : 'download'
    const card = element(
      /** @type {any} */ ('cloak-file'),
      { class: 'file', ...attributes },
      element('span', { class: 'file-kind', 'aria-hidden': 'true', text: extension.slice(0, 4) }),
      element(
        'span',
        { class: 'file-words' },
        element('b', { text: this.name }),
        element('span', { text: [size(this.attachment.getSize()), note].filter(Boolean).join(' · ') }),
      ),
    )
    card.link.download = this.name
    return card
  }
}

/** @param {string} mimeType @returns {'image' | 'video' | 'audio' | 'file'} */
function kindOf(mimeType) {
  const kind = mimeType.split('/')[0]
  if (ACTIVE.includes(mimeType)) return 'file'
  return kind === 'image' || kind === 'video' || kind === 'audio' ? kind : 'file'
}
