import { CometChatException } from './exception.js'
import { readEvents } from './event-stream.js'
import { parseObject } from './json.js'
import { retryDelay } from './renewal-time.js'

/** @import { App } from './app.js' */
/** @import { Effects } from './effects.js' */
/** @import { StreamEvent } from './event-stream.js' */
/** @import { Sessions } from './session.js' */

/** The server watches no more for one stream; beyond it the newest are watched. */
const MOST_WATCHED = 1000
/** How long more URLs are waited for before the stream is opened anew. */
const GATHER_MS = 250
/** After a stream that the server ended in good order, as when it restarts. */
const AGAIN_MS = 1000

/**
 * Why a medium must leave the screen: it was taken back, or the whole session has ended.
 *
 * @typedef {{ url: string, reason: 'gone' | 'session_ended' }} Gone
 */

/**
 * Takes media off the screen that may not be seen any more.
 *
 * @param {App} app
 */
export function mediaWatch(app) {
  const watch = new MediaWatch(app.sessions, app.effects)
  app.onSession(() => watch.sessionChanged())
  app.watchClean = (clean, listener) => watch.watch(clean, listener)
}

/** Hears from the server when a medium that is on the screen may not be seen any more. */
class MediaWatch {
  #sessions
  #effects
  /** By clean media URL. @type {Map<string, Set<(gone: Gone) => void>>} */
  #watched = new Map()
  /** @type {AbortController | null} */
  #stream = null
  /** @type {any} */
  #timer = null
  #failures = 0

  /**
   * @param {Sessions} sessions
   * @param {Effects} effects
   */
  constructor(sessions, effects) {
    this.#sessions = sessions
    this.#effects = effects
  }

  /**
   * @param {string} url clean media URL
   * @param {(gone: Gone) => void} listener called at most once
   * @returns {() => void} stops watching
   */
  watch(url, listener) {
    const listeners = this.#watched.get(url) ?? new Set()
    if (listeners.size === 0) {
      this.#watched.set(url, listeners)
      this.#openAfter(GATHER_MS)
    }
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0 || this.#watched.get(url) !== listeners) return
      this.#watched.delete(url)
      if (this.#watched.size === 0) this.#close()
    }
  }

  /** A session began or ended: what was watched in another one is over. */
  sessionChanged() {
    this.#failures = 0
    this.#close()
    for (const url of [...this.#watched.keys()]) this.#tell(url, 'session_ended')
  }

  /**
   * @param {string} url
   * @param {Gone['reason']} reason
   */
  #tell(url, reason) {
    const listeners = this.#watched.get(url) ?? []
    this.#watched.delete(url)
    for (const listener of listeners) {
      try {
        listener({ url, reason })
      } catch (error) {
        // One listener's fault must leave nothing else on the screen.
        this.#effects.setTimeout(() => {
          throw error
        }, 0)
      }
    }
  }

  /** @param {number} milliseconds */
  #openAfter(milliseconds) {
    this.#effects.clearTimeout(this.#timer)
    this.#timer = this.#effects.setTimeout(() => void this.#open(), milliseconds)
    this.#timer?.unref?.()
  }

  #close() {
    this.#effects.clearTimeout(this.#timer)
    this.#stream?.abort()
    this.#stream = null
  }

  async #open() {
    this.#stream?.abort()
    if (this.#watched.size === 0 || this.#sessions.current === null) return
    const stream = new AbortController()
    this.#stream = stream
    const media = [...this.#watched.keys()].slice(-MOST_WATCHED)
    try {
      const call = { method: /** @type {const} */ ('POST'), path: 'me/events', body: { media } }
      const body = await this.#sessions.stream(call, stream.signal)
      // A runtime that gives no body as a stream (React Native) learns of it at the next fetch.
      if (body === null) return
      await readEvents(body, (event) => {
        if (stream === this.#stream) this.#heard(event)
      })
    } catch (error) {
      if (isUnknownRoute(error)) return
      this.#failures += 1
    }
    if (stream === this.#stream && this.#sessions.current !== null) {
      this.#openAfter(this.#failures === 0 ? AGAIN_MS : retryDelay(this.#failures) * 1000)
    }
  }

  /** @param {StreamEvent} event */
  #heard({ name, data }) {
    this.#failures = 0
    // The server is asked, so that the session ends here as it does after a refused call.
    if (name === 'session_ended') this.#sessions.renewal.start()
    if (name !== 'gone') return
    const { media: id } = parseObject(data)
    if (!/^[0-9a-f]{32}$/.test(id)) return
    for (const url of [...this.#watched.keys()]) {
      if (url.includes(`/${id}.`) || url.includes(`/${id}_`)) this.#tell(url, 'gone')
    }
  }
}

/** @param {unknown} error */
function isUnknownRoute(error) {
  return error instanceof CometChatException && error.code === 'ERR_ROUTE_NOT_FOUND'
}
