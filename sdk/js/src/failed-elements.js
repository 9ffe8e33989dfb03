import { hasFatQueryParam } from './media-url.js'
import { boundElements } from './bindings.js'
import { whyRefused } from './open-media.js'

/** @import { App } from './app.js' */

const RETRY_PAUSE_SECONDS = 30

/**
 * Learns from every image, video or audio of the page that failed to load, unless it is bound.
 *
 * A presigned URL that failed is dropped, so that who asks again gets a fresh one. An element with a
 * File Access Token in its URL is given one more try, with the token of that moment: what failed may
 * be a copy in the cache whose own token has ended.
 *
 * @param {App} app
 */
export function failedElements(app) {
  /** @type {WeakMap<object, { clean: string, at: number }>} */
  const tried = new WeakMap()

  /**
   * @param {{ src?: unknown }} element
   * @param {unknown} url
   * @returns {boolean} whether the element is given another try; then nobody else is told
   */
  const failed = (element, url) => {
    const clean = app.clean(url)
    if (!clean) return false
    // A copy that is newer than the one that failed is kept.
    if (app.presigned.get(clean) === url) app.presigned.drop(clean)
    if (!hasFatQueryParam(url) || app.sessions.fat === null) return false
    const why = whyRefused(app, String(url))
    const now = app.clock.now()
    const last = tried.get(element)
    const isTooSoon = last?.clean === clean && now - last.at < RETRY_PAUSE_SECONDS
    if (element.src !== url || isTooSoon) return false
    tried.set(element, { clean, at: now })
    void why.then(async () => {
      await app.sessions.settleFat()
      if (element.src === url) element.src = app.render(clean)
    })
    return true
  }

  // Error events do not bubble, but a capturing listener sees them, and before the element's own
  // listeners do: what those ask for again is no longer cached.
  app.effects.document?.addEventListener(
    'error',
    (event) => {
      const { target } = event
      if (!target || boundElements.has(target)) return
      const urls = [...new Set([target.currentSrc, target.src])]
      const again = urls.map((url) => failed(target, url))
      if (again.includes(true)) event.stopImmediatePropagation()
    },
    true
  )
}
