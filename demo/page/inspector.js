import { element } from './dom.js'
import { credentialOf, probe, withFat } from './probe.js'
import { badge, result } from './result.js'
import { fatExpiry } from './session.js'
import { sentence, shortUrl, span } from './words.js'

const CREDENTIALS = {
  fat: 'File Access Token, in the query',
  presigned: 'presigned URL, no token in it',
  none: 'none',
}

let count = 0

/** The ticket beside one medium: which URL opened it, by which credential, for how long. */
export class Inspector {
  /** @param {import('./media.js').Medium} medium */
  constructor(medium) {
    this.medium = medium
    const id = `ticket-${(count += 1)}`
    this.button = element('button', {
      class: 'quiet inspect', type: 'button', 'data-testid': 'inspect', 'aria-expanded': 'false',
      'aria-controls': id, text: 'What happened?', onclick: () => this.toggle(),
    })
    this.facts = element('dl', { class: 'ticket-facts' })
    this.results = element('div', { class: 'ticket-results', role: 'log', 'aria-live': 'polite', 'aria-label': 'Results' })
    this.attempt = element('img', { class: 'attempt', alt: 'The picture, opened this way', hidden: true })
    this.tries = [
      this.#try('try-no-token', 'Open without a token', () => this.#withoutToken()),
      this.#try('try-outsider', 'Open as the outsider', () => this.#asOutsider()),
      this.#try('try-expire', 'Wait out a short URL', () => this.#waitOut()),
    ]
    this.node = element(
      'section',
      { class: 'ticket', id, 'aria-label': `What happened to ${medium.name}`, hidden: true },
      this.facts,
      element('div', { class: 'tries-row' }, ...this.tries),
      this.attempt,
      this.results,
    )
  }

  toggle() {
    const open = this.node.hidden
    this.node.hidden = !open
    this.button.setAttribute('aria-expanded', String(open))
    this.button.textContent = open ? 'Hide' : 'What happened?'
    clearInterval(this.ticking)
    if (open) {
      this.ticking = setInterval(() => this.#tick(), 1000)
      this.update()
    }
  }

  /** Takes away what earlier tries left. */
  clear() {
    this.results.replaceChildren()
    this.attempt.hidden = true
  }

  /** Asks the secure media host again and draws the facts, if the ticket is open. */
  async update() {
    if (this.node.hidden) return
    const { url, clean } = this.medium
    if (!url) return
    const credential = credentialOf(url)
    this.expiresAt = expiryOf(url, credential)
    this.left = element('span', { class: 'left' })
    this.status = element('span', { text: 'asking…' })
    this.facts.replaceChildren(
      ...fact('Clean URL', element('code', { text: clean })),
      ...fact('URL used', element('code', { text: shortUrl(url), title: 'shortened: the credential is a secret' })),
      ...fact('Credential', CREDENTIALS[credential]),
      ...fact('Status', this.status),
      ...fact('Time left', this.left),
    )
    this.#tick()
    const status = this.status
    const answer = await probe(url)
    status.replaceChildren(badge(answer.status), answer.reason ? element('code', { text: ` ${answer.reason}` }) : '')
  }

  #tick() {
    if (!this.node.isConnected) return clearInterval(this.ticking)
    if (!this.left) return
    const { session } = this.medium
    if (session.ended) this.left.textContent = 'ended with the session'
    else if (!this.expiresAt) this.left.textContent = 'no limit'
    else {
      const left = this.expiresAt - session.now()
      this.left.textContent = left > 0 ? span(left) : 'expired'
    }
  }

  /** @param {string} testid @param {string} text @param {() => Promise<void>} action */
  #try(testid, text, action) {
    return element('button', {
      class: 'button small', type: 'button', 'data-testid': testid, text,
      onclick: async () => {
        if (this.node.hasAttribute('data-busy')) return
        this.#busy(true)
        this.clear()
        try {
          await action()
        } catch (error) {
          this.#say({ status: 0 }, `That could not be tried: ${/** @type {any} */ (error)?.message ?? 'no reason was given'}.`)
        }
        this.#busy(false)
      },
    })
  }

  async #withoutToken() {
    const answer = await probe(this.medium.clean)
    this.#show(this.medium.clean)
    this.#say(answer, refused(answer) ? `Opened without a token: refused. ${sentence(answer)}` : undefined)
  }

  async #asOutsider() {
    const { config } = this.medium.session
    const name = config.users.find((user) => user.uid === config.outsider)?.name ?? config.outsider
    const fat = await this.medium.session.outsiderFat()
    const url = fat ? withFat(this.medium.clean, fat) : this.medium.clean
    const answer = await probe(url)
    this.#show(url)
    this.#say(answer, refused(answer) ? `Opened as ${name}: refused. ${sentence(answer)}` : undefined)
  }

  async #waitOut() {
    const { session, clean } = this.medium
    const { presignedUrl, expiresAt } = await session.shortPresign(clean)
    this.#show(presignedUrl)
    this.#say(await probe(presignedUrl), 'A presigned URL that lives for a few seconds: it opens now.')
    await this.#countDown(expiresAt)
    const late = await probe(presignedUrl)
    this.#show(presignedUrl)
    this.#say(late, refused(late) ? `Time is up, and the same URL is refused. ${sentence(late)}` : undefined)
    if (!refused(late)) return
    await pause(900)
    const fresh = await session.presign(clean)
    const answer = await probe(fresh)
    this.#show(fresh)
    this.#say(answer, refused(answer) ? undefined : 'Asked once for a fresh presigned URL: the file is back.')
  }

  /** @param {number} expiresAt unix seconds */
  async #countDown(expiresAt) {
    const number = element('b', { text: '' })
    const line = element('div', { class: 'countdown', 'aria-hidden': 'true' }, number, ' until it expires')
    this.results.append(line)
    for (;;) {
      const left = expiresAt - this.medium.session.now()
      if (left <= -0.6) break
      number.textContent = `${Math.max(0, Math.ceil(left))} s`
      await pause(200)
    }
    line.remove()
  }

  /** Shows a picture by this URL, really: what the host refuses stays an empty frame. */
  #show(/** @type {string} */ plain) {
    if (this.medium.kind !== 'image') return
    // This browser has a copy, and may revalidate it by the credential that is alive. A parameter
    // the host does not know keeps the attempt apart from it; a presigned URL is left as it is.
    const url = plain.includes('Signature=') ? plain : `${plain}${plain.includes('?') ? '&' : '?'}attempt=${Date.now()}`
    const { attachment } = this.medium
    const attempt = element('img', {
      class: 'attempt', alt: 'The same picture, opened this way', width: attachment.getWidth(),
      height: attachment.getHeight(), src: url, 'data-state': 'loading',
    })
    attempt.addEventListener('load', () => (attempt.dataset.state = 'shown'))
    attempt.addEventListener('error', () => {
      attempt.dataset.state = 'refused'
      attempt.alt = 'No picture came back'
      attempt.removeAttribute('width')
      attempt.removeAttribute('height')
    })
    this.attempt.replaceWith(attempt)
    this.attempt = attempt
  }

  /** @param {import('./probe.js').Answer} answer @param {string} [words] */
  #say(answer, words) {
    for (const earlier of this.results.querySelectorAll('[data-testid=result]')) {
      earlier.setAttribute('data-testid', 'result-earlier')
    }
    this.results.append(result(answer, words))
  }

  /** @param {boolean} busy */
  #busy(busy) {
    for (const button of this.tries) button.setAttribute('aria-disabled', String(busy))
    this.node.toggleAttribute('data-busy', busy)
  }
}

/** @param {string} name @param {Node | string} value */
function fact(name, value) {
  return [element('dt', { text: name }), element('dd', {}, value)]
}

/** @param {string} url @param {'fat' | 'presigned' | 'none'} credential */
function expiryOf(url, credential) {
  const { searchParams } = new URL(url)
  if (credential === 'presigned') return Number(searchParams.get('Expires'))
  return credential === 'fat' ? fatExpiry(searchParams.get('fat')) : null
}

/** @param {import('./probe.js').Answer} answer */
function refused({ status }) {
  return status === 0 || status >= 400
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
