import { count, noLoads } from './media-statistics.js'

/** @import { MediaLoadDetail, MediaState, MediaStateDetail } from './binding.js' */
/** @import { Loads } from './media-statistics.js' */

/** Lines that are kept of one medium. */
const MOST_LINES = 30
/** Media that are kept; those that were heard of longest ago go. */
const MOST_MEDIA = 1000

const FILE = /\/([0-9a-f]{32})(?:_(small|medium|large))?\.([a-z0-9]+)$/

/**
 * What happened to one medium.
 *
 * @typedef {object} Medium
 * @property {string} key its id, or its URL if it is none of the media host
 * @property {string} url without any credential
 * @property {MediaState} state
 * @property {string | null} version `original`, or which thumbnail is shown
 * @property {MediaLoadDetail['by'] | null} by
 * @property {number} renewals
 * @property {number} retries
 * @property {string | null} code of the last refusal
 * @property {string | null} reason
 * @property {string | null} message
 * @property {Loads} loads as the browser counted them
 * @property {{ at: number, text: string }[]} lines what happened, and when
 * @property {WeakRef<Element> | null} element that showed it last
 */

/** What happened to each medium of a page. Nothing here holds a credential. */
export class MediaLog {
  /** The one that was heard of last is the last. @type {Map<string, Medium>} */
  #media = new Map()

  /** @returns {Medium[]} the one that was heard of last is the first */
  get media() {
    return [...this.#media.values()].reverse()
  }

  /**
   * @param {Pick<MediaStateDetail, 'state' | 'url' | 'code' | 'reason' | 'message'>} detail
   * @param {Element | null} element
   * @param {number} at milliseconds since 1970 UTC
   */
  noteState({ state, url, code, reason, message }, element, at) {
    const medium = this.#heardOf(url, element)
    if (medium === null) return
    medium.state = state
    if (code !== undefined) {
      Object.assign(medium, { code, reason: reason ?? null, message: message ?? null })
    }
    this.#line(medium, at, code === undefined ? state : `${state}: ${reason ?? code}`)
  }

  /**
   * @param {MediaLoadDetail} detail
   * @param {Element | null} element
   * @param {number} at milliseconds since 1970 UTC
   */
  noteLoad({ url, by, why }, element, at) {
    const medium = this.#heardOf(url, element)
    if (medium === null) return
    medium.version = FILE.exec(url)?.[2] ?? 'original'
    medium.by = by
    if (why === 'renewal') medium.renewals += 1
    if (why === 'retry') medium.retries += 1
    const name = { first: 'loads', renewal: 'renews', retry: 'tries again' }[why]
    this.#line(medium, at, `${name} (${medium.version})`)
  }

  /**
   * What the browser loaded; of a medium that nobody showed, nothing is kept.
   *
   * @param {Pick<PerformanceResourceTiming, 'name' | 'transferSize' | 'encodedBodySize'>} entry
   */
  noteTiming(entry) {
    const medium = this.#media.get(keyOf(entry.name))
    if (medium !== undefined) count(medium.loads, entry)
  }

  /** Forgets everything. */
  clear() {
    this.#media.clear()
  }

  /**
   * @param {string} url
   * @param {Element | null} element
   */
  #heardOf(url, element) {
    if (url === '') return null
    const key = keyOf(url)
    const medium = this.#media.get(key) ?? newMedium(key, withoutQuery(url))
    this.#media.delete(key)
    this.#media.set(key, medium)
    if (element !== null) medium.element = new WeakRef(element)
    const [oldest] = this.#media.keys()
    if (this.#media.size > MOST_MEDIA && oldest !== undefined) this.#media.delete(oldest)
    return medium
  }

  /**
   * @param {Medium} medium
   * @param {number} at
   * @param {string} text
   */
  #line(medium, at, text) {
    medium.lines.push({ at, text })
    if (medium.lines.length > MOST_LINES) medium.lines.shift()
  }
}

/**
 * @param {string} key
 * @param {string} url
 * @returns {Medium}
 */
function newMedium(key, url) {
  return {
    ...{ key, url, state: 'idle', version: null, by: null, renewals: 0, retries: 0 },
    ...{ code: null, reason: null, message: null, loads: noLoads(), lines: [], element: null }
  }
}

/** @param {string} url */
function keyOf(url) {
  const clean = withoutQuery(url)
  return FILE.exec(clean)?.[1] ?? clean
}

/** Whatever stands behind the path may be a credential. @param {string} url */
function withoutQuery(url) {
  return url.split(/[?#]/)[0] ?? ''
}
