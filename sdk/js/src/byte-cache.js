/** Keeps the bytes of images in the browser's Cache Storage: an extra that is off by default. */

import { appOf, onApps } from './clients.js'
import { toException, notLoggedIn } from './exception.js'
import { refusalIn } from './refusal-of.js'

/** @import { App } from './app.js' */

const MOST_FILES = 500

/**
 * Keeps the bytes of images that bindings show, for the user who is logged in. A kept copy is shown
 * only after the secure media host confirmed it with a 304 to the present session, so that it saves
 * bytes and never a check. It goes when its medium is taken back or refused, when the session ends,
 * and when another user logs in.
 *
 * The page's Content-Security-Policy must allow `blob:` in `img-src`. Does nothing where there is no
 * Cache Storage, as outside a secure context.
 *
 * @param {object} client such as `CometChat`
 * @param {{ mostFiles?: number }} [options] beyond `mostFiles`, 500 if left out, the oldest go
 */
export function keepMediaBytes(client, { mostFiles = MOST_FILES } = {}) {
  if (typeof caches === 'undefined') return
  const attach = () => {
    const app = appOf(client)
    if (app && !app.localCopy) keepBytes(app, mostFiles)
  }
  attach()
  onApps(attach)
}

/**
 * @param {App} app
 * @param {number} mostFiles
 */
function keepBytes(app, mostFiles) {
  const { sessions, loads, watchClean } = app
  const prefix = `cloakroom:${app.appId}:`

  /** @returns {string | null} `null` while nobody is logged in, or it is not yet known who */
  const nameNow = () => {
    const uid = sessions.current?.user['uid']
    return typeof uid === 'string' ? prefix + uid : null
  }

  const wipeOthers = async () => {
    const keep = nameNow()
    for (const name of await caches.keys()) {
      if (name.startsWith(prefix) && name !== keep) await caches.delete(name)
    }
  }

  app.watchClean = (clean, listener) =>
    watchClean(clean, (gone) => {
      const name = nameNow()
      if (name) void caches.open(name).then((cache) => cache.delete(clean))
      listener(gone)
    })
  app.onSession(() => void wipeOthers())
  void wipeOthers()

  app.localCopy = async (url) => {
    const clean = app.clean(url)
    const name = nameNow()
    if (!clean || !name) return null
    const cache = await caches.open(name)
    const kept = await cache.match(clean)
    const etag = kept?.headers.get('etag')
    /** @type {RequestInit} */
    const init = { credentials: 'omit', cache: 'no-store' }
    if (etag) init.headers = { 'if-none-match': etag }
    const response = await app.effects.fetch(url, init).catch((cause) => {
      throw toException(cause)
    })
    const confirmed = response.status === 304 && kept
    if (!confirmed && !response.ok) {
      await cache.delete(clean)
      throw await refusalIn(response)
    }
    const blob = await (confirmed || response).blob()
    if (name !== nameNow()) throw notLoggedIn() // the session ended meanwhile
    if (confirmed) {
      loads.notModified += 1
      loads.bytesSaved += blob.size
    } else await keep(cache, clean, blob, response.headers.get('etag'))
    const copy = URL.createObjectURL(blob)
    return { url: copy, release: () => URL.revokeObjectURL(copy) }
  }

  /**
   * @param {Cache} cache
   * @param {string} clean
   * @param {Blob} blob
   * @param {string | null} etag
   */
  async function keep(cache, clean, blob, etag) {
    if (!etag) return
    try {
      await cache.delete(clean) // so that it is the newest
      await cache.put(clean, new Response(blob, { headers: { etag, 'content-type': blob.type } }))
      const newestFirst = [...(await cache.keys())].reverse()
      await Promise.all(newestFirst.slice(mostFiles).map((key) => cache.delete(key)))
    } catch {
      // A full storage costs the next view its bytes, nothing more.
    }
  }
}
