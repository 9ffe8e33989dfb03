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
  // Error events do not bubble, but a capturing listener sees them, and before the element's own
  // listeners do: what those ask for again is no longer cached.
  app.effects.document?.addEventListener(
    'error',
    (event) => {
      const target = event?.target
      if (boundElements.has(target)) return
      let again = false
      for (const url of new Set([target?.currentSrc, target?.src])) {
        if (typeof url === 'string' && url !== '') again = failed(app, tried, url, target) || again
      }
      if (again) event.stopImmediatePropagation?.()
    },
    true
  )
}

/**
 * @param {App} app
 * @param {WeakMap<object, { clean: string, at: number }>} tried
 * @param {string} url
 * @param {{ src?: unknown }} element
 * @returns {boolean} whether the element is given another try; then nobody else is told
 */
function failed(app, tried, url, element) {
  const clean = app.clean(url)
  if (clean === null) return false
  const now = app.clock.now()
  // A copy that is newer than the one that failed is kept.
  if (app.presigned.get(clean, now) === url) app.presigned.drop(clean)
  if (!hasFatQueryParam(url) || app.sessions.fat === null) return false
  const why = whyRefused(app, url)
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
