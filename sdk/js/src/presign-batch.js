import { invalidResponse, isSessionGone, notLoggedIn, refusal } from './exception.js'
import { cleanMediaUrl } from './media-url.js'

/** @import { Effects } from './effects.js' */
/** @import { PresignedCache } from './presigned-cache.js' */
/** @import { ServerClock } from './server-clock.js' */
/** @import { Sessions } from './session.js' */

/** Most URLs that the server takes in one call. */
export const MAX_URLS_PER_CALL = 1000

/** A call for fewer takes the URLs that will be asked for next along. */
const URLS_WORTH_A_CALL = 100

/**
 * @typedef {object} Waiter
 * @property {Promise<string>} promise
 * @property {(presignedUrl: string) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/** Gathers the URLs asked for in one tick and resolves them in as few calls as possible. */
export class PresignBatch {
  #sessions
  #cache
  #clock
  #effects
  /** Asked for in this tick. @type {Map<string, Waiter>} */
  #queued = new Map()
  /** Asked of the server. @type {Map<string, Waiter>} */
  #sent = new Map()

  /**
   * What will be asked for soon, so that a call is never sent for one URL after the other.
   *
   * @type {(asked: string[], most: number) => string[]}
   */
  lookAhead = () => []
  /**
   * Told of what was cached: clean URL, presigned URL, end.
   *
   * @type {(entries: [string, string, number][]) => void}
   */
  onPresigned = () => {}
  /** Calls made, and URLs in them. */
  calls = 0
  urls = 0

  /**
   * @param {Sessions} sessions
   * @param {PresignedCache} cache
   * @param {ServerClock} clock
   * @param {Effects} effects
   */
  constructor(sessions, cache, clock, effects) {
    this.#sessions = sessions
    this.#cache = cache
    this.#clock = clock
    this.#effects = effects
  }

  /**
   * @param {string} url clean media URL
   * @param {boolean} fresh whether an answer already on its way is too old
   * @returns {Promise<string>}
   */
  add(url, fresh) {
    const waiting = this.#queued.get(url) ?? (fresh ? undefined : this.#sent.get(url))
    if (waiting !== undefined) return waiting.promise
    if (this.#queued.size === 0) this.#effects.setTimeout(() => this.#send(), 0)
    const waiter = newWaiter()
    this.#queued.set(url, waiter)
    return waiter.promise
  }

  /** What is on its way belongs to a session that is over: later callers ask anew. */
  forgetSent() {
    this.#sent.clear()
  }

  #send() {
    const asked = [...this.#queued.keys()]
    for (const url of this.lookAhead(asked, Math.max(0, URLS_WORTH_A_CALL - asked.length))) {
      const isKnown = this.#sent.has(url) || this.#cache.get(url, this.#clock.now()) !== null
      // Nobody waits for it yet; what becomes of it is told once somebody does.
      if (!isKnown) this.add(url, false).catch(() => {})
    }
    const all = [...this.#queued]
    this.#queued = new Map()
    for (let start = 0; start < all.length; start += MAX_URLS_PER_CALL) {
      void this.#sendPart(new Map(all.slice(start, start + MAX_URLS_PER_CALL)))
    }
  }

  /** @param {Map<string, Waiter>} part */
  async #sendPart(part) {
    const session = this.#sessions.current
    for (const [url, waiter] of part) this.#sent.set(url, waiter)
    this.calls += 1
    this.urls += part.size
    try {
      const body = { urls: [...part.keys()] }
      const { data } = await this.#sessions.call({ method: 'POST', path: 'media/presign', body })
      if (!Array.isArray(data)) throw invalidResponse('the answer is not a list')
      const items = new Map(data.map((item) => [item?.url, item]))
      /** @type {[string, string, number][]} */
      const cached = []
      for (const [url, waiter] of part) {
        const { presignedUrl, expiresAt, error } = items.get(url) ?? {}
        const isOpen = presignedUrl === url // protection is off
        const isOurs = isOpen || cleanMediaUrl(presignedUrl, this.#sessions.secureMediaHost) === url
        const isCurrent = session === this.#sessions.current && this.#sent.get(url) === waiter
        if (error) waiter.reject(refusal(error))
        else if (!isOurs) waiter.reject(invalidResponse('no presigned URL of this file'))
        else if (isCurrent && !isOpen && Number.isFinite(expiresAt)) {
          this.#cache.set(url, presignedUrl, expiresAt)
          cached.push([url, presignedUrl, expiresAt])
        }
        waiter.resolve(presignedUrl) // without effect on one that was rejected
      }
      if (cached.length > 0) this.onPresigned(cached)
    } catch (error) {
      const reason = isSessionGone(error) ? notLoggedIn() : error
      for (const waiter of part.values()) waiter.reject(reason)
    } finally {
      for (const [url, waiter] of part) {
        if (this.#sent.get(url) === waiter) this.#sent.delete(url)
      }
    }
  }
}

/** @returns {Waiter} */
function newWaiter() {
  /** @type {Partial<Waiter>} */
  const waiter = {}
  waiter.promise = new Promise((resolve, reject) => Object.assign(waiter, { resolve, reject }))
  return /** @type {Waiter} */ (waiter)
}
