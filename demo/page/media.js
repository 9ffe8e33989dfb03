import { element } from './dom.js'
import { Inspector } from './inspector.js'
import { cleanUrl, probe } from './probe.js'
import { size } from './words.js'
import { result } from './result.js'

const ACTIVE = ['image/svg+xml', 'application/pdf', 'text/html']

/** One attachment on the page: its element, the URL it uses, and what happened to it. */
export class Medium {
  /** @param {import('./session.js').Session} session @param {any} attachment */
  constructor(session, attachment) {
    this.session = session
    this.attachment = attachment
    this.clean = cleanUrl(attachment.url)
    this.kind = kindOf(attachment.mimeType ?? '')
    /** @type {string} */ this.url = ''
    this.#retried = false
    this.#stop = () => {}
    this.frame = element('div', { class: `medium medium-${this.kind}` })
    this.inspector = new Inspector(this)
    this.node = element(
      'div',
      { class: 'handover' },
      element('div', { class: 'handover-medium' }, this.frame, this.inspector.button),
      this.inspector.node,
    )
    this.#build()
  }

  #retried
  #stop

  /** Gives the element the URL that the secure media mode calls for. */
  async show() {
    this.frame.dataset.state = 'loading'
    try {
      this.url = await this.#resolve()
      this.#use(this.url)
      this.#stop()
      this.#stop = this.session.watch(this.clean, () => this.#takenBack())
    } catch (error) {
      this.refuse({ status: 0, message: error instanceof Error ? error.message : undefined })
    }
  }

  /**
   * After a logout: asks again for what is on the screen, with the very URL it came by.
   *
   * @returns {Promise<boolean>} whether it was refused
   */
  async recheck() {
    this.inspector.clear()
    const answer = await probe(this.url || this.clean)
    if (answer.status === 200 || answer.status === 206) {
      this.inspector.update()
      return false
    }
    if (this.url) this.#use(this.url)
    this.refuse(answer)
    return answer.status >= 400
  }

  /** The medium leaves the page. */
  leave() {
    this.#stop()
  }

  /** The server told that it may not be seen any more: off the screen, and say why. */
  async #takenBack() {
    if (this.target instanceof HTMLAnchorElement) this.target.removeAttribute('href')
    else {
      this.target?.removeAttribute('src')
      if (this.target instanceof HTMLMediaElement) this.target.load()
    }
    this.frame.dataset.state = 'refused'
    this.refuse(await probe(this.url || this.clean))
  }

  /** @param {import('./probe.js').Answer} answer */
  refuse(answer) {
    this.frame.dataset.state = 'refused'
    this.cover.replaceChildren(result(answer))
    this.inspector.update()
  }

  #resolve() {
    return this.session.mode === 'header'
      ? this.session.presign(this.clean)
      : Promise.resolve(this.attachment.url)
  }

  /** @param {string} url */
  #use(url) {
    if (this.target instanceof HTMLAnchorElement) {
      this.target.href = url
      this.frame.dataset.state = 'shown'
    } else if (this.target) {
      this.target.src = url
      if (this.target instanceof HTMLMediaElement) this.target.load()
    }
    this.inspector.update()
  }

  #build() {
    const { name = 'file', width, height, mimeType = '' } = this.attachment
    this.cover = element('div', { class: 'cover' })
    if (this.kind === 'image') {
      this.target = element('img', { alt: name, width, height, decoding: 'async', 'data-testid': 'media-image' })
      this.target.addEventListener('load', () => this.#shown())
    } else if (this.kind === 'video') {
      this.target = element('video', {
        controls: true, playsinline: true, preload: 'metadata', width: width ?? 640, height: height ?? 360,
        'aria-label': name, 'data-testid': 'media-video',
      })
      this.target.addEventListener('loadedmetadata', () => this.#shown())
    } else if (this.kind === 'audio') {
      this.target = element('audio', { controls: true, preload: 'metadata', 'aria-label': name, 'data-testid': 'media-audio' })
      this.target.addEventListener('loadedmetadata', () => this.#shown())
    } else {
      this.target = this.#fileCard(name, mimeType)
    }
    this.target.addEventListener('error', () => this.#failed())
    const title = this.kind === 'audio' ? element('p', { class: 'audio-name', text: name }) : null
    this.frame.append(...[title, this.target, this.cover].filter((node) => node !== null))
  }

  /** @param {string} name @param {string} mimeType */
  #fileCard(name, mimeType) {
    const extension = (this.attachment.extension || name.split('.').pop() || 'file').toUpperCase()
    const note = ACTIVE.includes(mimeType) ? 'opens as a download only' : 'download'
    return element(
      'a',
      { class: 'file', download: name, 'data-testid': 'media-file', onclick: (event) => this.#download(event) },
      element('span', { class: 'file-kind', 'aria-hidden': 'true', text: extension.slice(0, 4) }),
      element(
        'span',
        { class: 'file-words' },
        element('b', { text: name }),
        element('span', { text: [size(this.attachment.size), note].filter(Boolean).join(' · ') }),
      ),
    )
  }

  /** A presigned URL may have expired since the page was drawn: take the one that holds now. */
  async #download(/** @type {MouseEvent} */ event) {
    if (this.session.mode !== 'header' || !event.isTrusted) return
    event.preventDefault()
    await this.show()
    if (this.frame.dataset.state === 'shown') this.target?.click()
  }

  #shown() {
    this.#retried = false
    if (this.frame.dataset.state !== 'refused') this.frame.dataset.state = 'shown'
    this.inspector.update()
  }

  /** The seed's rule: discard the URL, ask for a fresh one once, and only then show an error. */
  async #failed() {
    if (this.frame.dataset.state === 'refused' || !this.url) return
    if (this.session.mode === 'header' && !this.#retried) {
      this.#retried = true
      await this.show()
      return
    }
    this.refuse(await probe(this.url))
  }
}

/** @param {string} mimeType @returns {'image' | 'video' | 'audio' | 'file'} */
function kindOf(mimeType) {
  const kind = mimeType.split('/')[0]
  if (ACTIVE.includes(mimeType)) return 'file'
  return kind === 'image' || kind === 'video' || kind === 'audio' ? kind : 'file'
}

