/** The page's side of the service worker that opens clean media URLs: an extra that no page needs. */

import { appOf } from './clients.js'
import { fetchFat } from './fetch-fat.js'

/** @import { CoreClient } from './core-client.js' */

/** How long a new worker may take until it sees the page's requests. */
const CONTROL_WITHIN_MS = 10_000

/**
 * Why clean URLs do not open by themselves on this page.
 *
 * - `unsupported`: no service workers here: an insecure origin, a private window, an old browser
 * - `unprotected`: nobody is logged in, or protection is off, so that there is nothing to do
 * - `refused`: the browser did not take the script, see `error`
 * - `not_in_control`: it runs, but does not see this page's requests, as when the page lies outside
 *   of its scope
 *
 * @typedef {'unsupported' | 'unprotected' | 'refused' | 'not_in_control'} WhyNot
 */

/**
 * @typedef {object} WorkerOptions
 * @property {string} [scope] path of the pages that it serves; left out, the script's folder
 * @property {ServiceWorkerContainer | null} [container] of this page, for tests
 */

/** What became of the worker on this page. Where it does not run, everything works without it. */
export class MediaWorker {
  #client
  #stop

  /**
   * @param {CoreClient} client
   * @param {WhyNot | null} whyNot
   * @param {() => Promise<void>} stop
   * @param {unknown} [error]
   */
  constructor(client, whyNot, stop, error) {
    this.#client = client
    this.#stop = stop
    /** Why clean URLs do not open by themselves here; `null` if they do. @type {WhyNot | null} */
    this.whyNot = whyNot
    /** What the browser said, if it said anything. @type {unknown} */
    this.error = error
  }

  /** @returns {boolean} whether clean media URLs open by themselves on this page */
  get isActive() {
    return this.whyNot === null
  }

  /**
   * What an element's `src` is to be: the clean URL where the worker opens it, else a presigned one.
   *
   * @param {string} url media URL of a message, with or without its token
   * @returns {Promise<string>}
   * @throws {import('./exception.js').CometChatException} as `fetchPresignedUrl`, without a worker
   */
  async src(url) {
    const clean = this.#client.CometChatHelper.stripFatQueryParam(url)
    return this.isActive ? clean : this.#client.fetchPresignedUrl(clean)
  }

  /**
   * Gives an element its `src`. Firefox lets a worker see what a video or sound of another origin
   * asks for only if the element says `crossorigin`, so it is made to say so.
   *
   * @param {HTMLImageElement | HTMLMediaElement} element
   * @param {string} url media URL of a message, with or without its token
   * @returns {Promise<void>}
   * @throws {import('./exception.js').CometChatException} as `src`
   */
  async show(element, url) {
    const src = await this.src(url)
    element.crossOrigin = 'anonymous'
    element.src = src
  }

  /** Takes the worker away, for all pages of this origin. @returns {Promise<void>} */
  async stop() {
    await this.#stop()
    this.whyNot = 'not_in_control'
  }
}

/**
 * Starts the service worker and gives it the File Access Token whenever it asks. Call it after
 * `login`, or after `init` of a page that takes up a session; it never rejects.
 *
 * @param {CoreClient} client such as `CometChat`
 * @param {string | URL} script where your site serves `@cloakroom/sdk/worker/script.js`
 * @param {WorkerOptions} [options]
 * @returns {Promise<MediaWorker>}
 */
export async function startMediaWorker(client, script, options = {}) {
  const nothing = async () => {}
  const { container = containerHere() } = options
  if (container === null) return new MediaWorker(client, 'unsupported', nothing)
  const media = client.CometChatHelper.getSecureMediaBase()
  if (media === null) return new MediaWorker(client, 'unprotected', nothing)
  const url = new URL(script, document.baseURI)
  url.searchParams.set('media', media)

  const answer = (/** @type {MessageEvent} */ event) => void answerFat(client, media, event)
  container.addEventListener('message', answer)
  container.startMessages()
  try {
    const scope = options.scope === undefined ? {} : { scope: options.scope }
    const registration = await container.register(url, { ...scope, updateViaCache: 'none' })
    const stop = async () => {
      container.removeEventListener('message', answer)
      await registration.unregister()
    }
    const isInControl =
      location.href.startsWith(registration.scope) &&
      (await controls(container, registration, url.href))
    return new MediaWorker(client, isInControl ? null : 'not_in_control', stop)
  } catch (error) {
    container.removeEventListener('message', answer)
    return new MediaWorker(client, 'refused', nothing, error)
  }
}

/** @returns {ServiceWorkerContainer | null} */
function containerHere() {
  // Only looking at it throws in a sandboxed frame.
  try {
    return globalThis.navigator?.serviceWorker ?? null
  } catch {
    return null
  }
}

/**
 * @param {CoreClient} client
 * @param {string} media
 * @param {MessageEvent} event
 */
async function answerFat(client, media, { data, ports }) {
  const [port] = ports
  if (data?.cloakroom !== 'fat' || data.media !== media || port === undefined) return
  const refused = typeof data.refused === 'string' ? data.refused : undefined
  port.postMessage(await fetchFat(appOf(client), refused))
}

/**
 * Waits until this page's requests pass through the worker.
 *
 * @param {ServiceWorkerContainer} container
 * @param {ServiceWorkerRegistration} registration
 * @param {string} script
 * @returns {Promise<boolean>}
 */
async function controls(container, registration, script) {
  const isInControl = () => container.controller?.scriptURL === script
  if (isInControl()) return true
  return new Promise((resolve) => {
    const end = (/** @type {boolean} */ result) => {
      clearTimeout(timer)
      container.removeEventListener('controllerchange', look)
      resolve(result)
    }
    const look = () => {
      if (isInControl()) end(true)
    }
    const timer = setTimeout(() => end(isInControl()), CONTROL_WITHIN_MS)
    container.addEventListener('controllerchange', look)
    // After a reload past the cache, an active worker does not see the page until it claims it.
    registration.active?.postMessage({ cloakroom: 'claim' })
    look()
  })
}
