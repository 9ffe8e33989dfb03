/** Chromium, and a watch over what its pages must never do. */
import { chromium } from 'playwright-core'

const EXECUTABLE = process.env.CLOAKROOM_CHROMIUM ?? '/usr/bin/chromium'

/** @param {string[]} more arguments of Chromium */
export function launchBrowser(...more) {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      ...more
    ]
  })
}

/**
 * What one page does on the network and on its console, from the moment of the call.
 *
 * Statuses are those of the wire: a revalidated copy is a 304 here, though the page sees a 200.
 */
export class Watch {
  /** @type {string[]} uncaught errors, console errors and CSP violations */
  complaints = []
  /** @type {Map<string, {url: string, method: string, status?: number, conditional: boolean, canceled?: boolean}>} */
  #requests = new Map()
  #early = new Map()

  /** @param {import('playwright-core').Page} page */
  static async of(page) {
    const watch = new Watch()
    page.on('pageerror', (error) => watch.complaints.push(`uncaught: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error') watch.complaints.push(`console: ${message.text()}`)
    })
    page.on('dialog', (dialog) => {
      watch.complaints.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    await watch.#network(await page.context().newCDPSession(page))
    return watch
  }

  /** Requests so far whose URL starts with `prefix`. @param {string} prefix */
  requests(prefix) {
    return [...this.#requests.values()].filter(({ url }) => url.startsWith(prefix))
  }

  /**
   * Complaints that the page is to blame for. The browser itself writes a console error for each
   * refused load, which a page that shows refusals cannot prevent.
   */
  faults() {
    return this.complaints.filter((text) => !text.startsWith('console: Failed to load resource'))
  }

  forget() {
    this.#requests.clear()
    this.complaints = []
  }

  async #network(session) {
    // The facts about one request come in any order.
    const note = (id, facts) => {
      const known = this.#requests.get(id)
      if (known) Object.assign(known, facts)
      else this.#early.set(id, { ...this.#early.get(id), ...facts })
    }
    session.on('Network.requestWillBeSent', ({ requestId, request }) => {
      const early = this.#early.get(requestId)
      this.#early.delete(requestId)
      const { url, method } = request
      this.#requests.set(requestId, { url, method, conditional: false, ...early })
    })
    session.on('Network.requestWillBeSentExtraInfo', ({ requestId, headers }) => {
      const names = Object.keys(headers).map((name) => name.toLowerCase())
      if (names.includes('if-none-match')) note(requestId, { conditional: true })
    })
    session.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) =>
      note(requestId, { status: statusCode })
    )
    session.on('Network.loadingFailed', ({ requestId, canceled }) => note(requestId, { canceled }))
    await session.send('Network.enable')
  }
}
