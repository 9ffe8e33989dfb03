/** Keeps the bytes of images in the browser's Cache Storage: an extra that is off by default. */

import { appOf, onApps } from './clients.js'
import { networkError, notLoggedIn } from './exception.js'
import { refusalIn } from './refusal-of.js'

/** @import { App, LocalCopy } from './app.js' */

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
  /** @type {WeakSet<App>} */
  const known = new WeakSet()
  const attach = () => {
    const app = appOf(client)
    if (app === null || known.has(app)) return
    known.add(app)
    new ByteCache(app, mostFiles).attach()
  }
  attach()
  onApps(attach)
}

class ByteCache {
  #app
  #mostFiles

  /**
   * @param {App} app
   * @param {number} mostFiles
   */
  constructor(app, mostFiles) {
    this.#app = app
    this.#mostFiles = mostFiles
  }

  attach() {
    const app = this.#app
    const watch = app.watchClean
    app.localCopy = (url) => this.#open(url)
    app.watchClean = (clean, listener) =>
      watch(clean, (gone) => {
        void this.#drop(clean)
        listener(gone)
      })
    app.onSession(() => void this.#wipeOthers())
    void this.#wipeOthers()
  }

  get #prefix() {
    return `cloakroom:${this.#app.appId}:`
  }

  /** @returns {string | null} `null` while nobody is logged in, or it is not yet known who */
  get #name() {
    const uid = this.#app.sessions.current?.user['uid']
    return typeof uid === 'string' ? this.#prefix + uid : null
  }

  /**
   * @param {string} url that opens now
   * @returns {Promise<LocalCopy | null>} `null` if it is no protected medium
   */
  async #open(url) {
    const clean = this.#app.clean(url)
    const name = this.#name
    if (clean === null || name === null) return null
    const cache = await caches.open(name)
    const kept = await cache.match(clean)
    const etag = kept?.headers.get('etag')
    const response = await this.#fetch(url, etag ? { 'if-none-match': etag } : {})
    if (name !== this.#name) throw notLoggedIn() // the session ended meanwhile
    if (response.status === 304 && kept) {
      const blob = await kept.blob()
      this.#app.counts.copiesConfirmed += 1
      this.#app.counts.copyBytesSaved += blob.size
      return copyOf(blob)
    }
    if (!response.ok) {
      await cache.delete(clean)
      throw await refusalIn(response)
    }
    const blob = await response.blob()
    if (name !== this.#name) throw notLoggedIn()
    await this.#keep(cache, clean, blob, response.headers.get('etag'))
    return copyOf(blob)
  }

  /**
   * @param {string} url
   * @param {Record<string, string>} headers
   */
  async #fetch(url, headers) {
    try {
      const init = /** @type {const} */ ({ credentials: 'omit', cache: 'no-store' })
      return await this.#app.effects.fetch(url, { headers, ...init })
    } catch (cause) {
      throw networkError(cause)
    }
  }

  /**
   * @param {Cache} cache
   * @param {string} clean
   * @param {Blob} blob
   * @param {string | null} etag
   */
  async #keep(cache, clean, blob, etag) {
    if (etag === null) return
    try {
      await cache.delete(clean) // so that it is the newest
      await cache.put(clean, new Response(blob, { headers: { etag, 'content-type': blob.type } }))
      const keys = await cache.keys()
      const surplus = keys.slice(0, Math.max(0, keys.length - this.#mostFiles))
      await Promise.all(surplus.map((key) => cache.delete(key)))
    } catch {
      // A full storage costs the next view its bytes, nothing more.
    }
  }

  /** @param {string} clean */
  async #drop(clean) {
    const name = this.#name
    if (name !== null) await (await caches.open(name)).delete(clean)
  }

  async #wipeOthers() {
    const keep = this.#name
    for (const name of await caches.keys()) {
      if (name.startsWith(this.#prefix) && name !== keep) await caches.delete(name)
    }
  }
}

/**
 * @param {Blob} blob
 * @returns {LocalCopy}
 */
function copyOf(blob) {
  const url = URL.createObjectURL(blob)
  return { url, release: () => URL.revokeObjectURL(url) }
}
