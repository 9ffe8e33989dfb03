import { onApps } from './clients.js'

/** @import { App } from './app.js' */
/** @import { Binding } from './binding.js' */

/** In the order in which they were bound. @type {Set<Binding>} */
const bindings = new Set()
let listens = false

/** What bindings show: they hear when that fails. @type {WeakSet<object>} */
export const boundElements = new WeakSet()

/**
 * @param {Binding} binding
 * @param {object} element
 * @returns {() => void} forgets it
 */
export function addBinding(binding, element) {
  bindings.add(binding)
  boundElements.add(element)
  if (!listens) {
    listens = true
    onApps(refreshAll)
    watchScreen()
  }
  return () => {
    bindings.delete(binding)
    boundElements.delete(element)
  }
}

/** Looks again when the page comes to a sharper screen, or is magnified. */
function watchScreen() {
  globalThis
    .matchMedia?.(`(resolution: ${devicePixelRatio}dppx)`)
    .addEventListener('change', refreshScreen, { once: true })
}

function refreshScreen() {
  refreshAll()
  watchScreen()
}

/** Something changed that bindings may have waited for. */
function refreshAll() {
  for (const binding of [...bindings]) binding.refresh()
}

/**
 * The media beside those that are asked for: who scrolls on needs them next.
 *
 * @param {App} app
 * @param {readonly string[]} asked clean media URLs
 * @param {number} most
 * @returns {string[]} clean media URLs, the nearest first
 */
export function neighbours(app, asked, most) {
  if (most === 0) return []
  const urls = [...bindings].flatMap((it) => (it.app === app ? (app.clean(it.wanted) ?? []) : []))
  const places = urls.flatMap((url, index) => (asked.includes(url) ? [index] : []))
  /** @type {Set<string>} */
  const found = new Set()
  for (let step = 1; found.size < most && step < urls.length; step += 1) {
    for (const url of [urls[Math.max(...places) + step], urls[Math.min(...places) - step]]) {
      if (url && !asked.includes(url) && !app.presigned.get(url)) found.add(url)
    }
  }
  return [...found].slice(0, most)
}
