/** @import { App } from './app.js' */

/** @type {WeakMap<object, App>} */
const apps = new WeakMap()
/** @type {App | null} */
let latest = null
/** @type {Set<() => void>} */
const listeners = new Set()

/**
 * Says which app a client has initialised. Elements that name no client use the latest.
 *
 * @param {object} client
 * @param {App} app
 */
export function attachApp(client, app) {
  apps.set(client, app)
  latest = app
  announce()
  app.onSession(announce)
}

/**
 * @param {object | null} [client] `null` or none: the client that was initialised last
 * @returns {App | null} `null` before its `init`
 */
export function appOf(client = null) {
  return client === null ? latest : (apps.get(client) ?? null)
}

/**
 * @param {() => void} listener called when an app was initialised, when a session begins or ends, and
 *   when a page is seen or online again
 */
export function onApps(listener) {
  listeners.add(listener)
}

/** Tells that something changed that others may have waited for. */
export function announce() {
  for (const listener of listeners) listener()
}
