import { pause } from './effects.js'
import { invalidResponse, isSessionGone, notLoggedIn, refusal } from './exception.js'
import { cleanMediaUrl } from './media-url.js'

/** @import { Effects } from './effects.js' */
/** @import { ServerClock } from './server-clock.js' */
/** @import { Sessions } from './session.js' */

/** Most URLs that the server takes in one call. */
const MAX_URLS_PER_CALL = 1000

/** A call for fewer takes the URLs that will be asked for next along. */
const URLS_WORTH_A_CALL = 100

/** A URL this close to its end is not handed out again: it has to open first. In seconds. */
const SPARE_SECONDS = 5

const MAX_ENTRIES = 10_000

/**
 * URLs asked for in one tick.
 *
 * @typedef {object} Batch
 * @property {string[]} urls clean media URLs
 * @property {Promise<Map<string, any>>} answer by clean media URL
 */

/** @typedef {ReturnType<typeof createPresigner>} Presigner */

/**
 * Presigned URLs by clean media URL: those asked for in one tick are resolved in as few calls as
 * possible, and kept in memory until the server's clock says that they expire.
 *
 * @param {Sessions} sessions
 * @param {ServerClock} clock
 * @param {Effects} effects
 */
export function createPresigner(sessions, clock, effects) {
  /** @type {Map<string, { presignedUrl: string, expiresAt: number }>} */
  const kept = new Map()
  /** Those that are not answered yet. @type {Map<string, Batch>} */
  const asked = new Map()
  /** Takes more. @type {Batch | undefined} */
  let open

  const presigner = {
    /** The last one that was kept, also after `clear`. @type {string | null} */
    newest: null,
    /** Calls made, and URLs in them. */
    calls: 0,
    urls: 0,
    /**
     * What will be asked for soon, so that a call is never sent for one URL after the other.
     *
     * @type {(asked: string[], most: number) => string[]}
     */
    lookAhead: () => [],
    /**
     * Told of what was kept: clean URL, presigned URL, end.
     *
     * @type {(entries: [string, string, number][]) => void}
     */
    onPresigned: () => {},

    /**
     * @param {string} url clean media URL
     * @returns {string | undefined}
     */
    get(url) {
      const it = kept.get(url)
      return it && it.expiresAt - SPARE_SECONDS > clock.now() ? it.presignedUrl : undefined
    },

    /**
     * @param {string} url clean media URL
     * @param {string} presignedUrl
     * @param {number} expiresAt seconds by the server's clock
     */
    set(url, presignedUrl, expiresAt) {
      presigner.newest = presignedUrl
      kept.delete(url)
      kept.set(url, { presignedUrl, expiresAt })
      const [oldest] = kept.keys()
      if (oldest && kept.size > MAX_ENTRIES) kept.delete(oldest)
    },

    /**
     * @param {string} url clean media URL
     * @returns {number} seconds by the server's clock; `Infinity` if it is not known
     */
    expiresAt: (url) => kept.get(url)?.expiresAt ?? Infinity,

    /** @param {string} url clean media URL */
    drop: (url) => void kept.delete(url),

    /** What is kept or on its way belongs to a session that is over: later callers ask anew. */
    clear() {
      kept.clear()
      for (const [url, batch] of asked) if (batch !== open) asked.delete(url)
    },

    /**
     * @param {string} url clean media URL
     * @param {boolean} [fresh] whether an answer already on its way is too old
     * @returns {Promise<string>}
     */
    async ask(url, fresh) {
      let batch = asked.get(url)
      if (!batch || (fresh && batch !== open)) {
        if (!open || open.urls.length >= MAX_URLS_PER_CALL) open = newBatch()
        batch = open
        batch.urls.push(url)
        asked.set(url, batch)
      }
      const { presignedUrl, error } = (await batch.answer).get(url) ?? {}
      if (error) throw refusal(error)
      // Itself, if protection is off.
      if (presignedUrl === url || opens(presignedUrl, url)) return presignedUrl
      throw invalidResponse()
    }
  }
  return presigner

  /** @returns {Batch} */
  function newBatch() {
    /** @type {Batch} */
    const batch = {
      urls: [],
      answer: pause(effects, 0).then(() => send(batch))
    }
    return batch
  }

  /**
   * @param {unknown} presignedUrl
   * @param {string} url clean media URL
   */
  function opens(presignedUrl, url) {
    return cleanMediaUrl(presignedUrl, sessions.secureMediaHost) === url
  }

  /** @param {Batch} batch */
  async function send(batch) {
    const { urls } = batch
    const most = Math.max(0, URLS_WORTH_A_CALL - urls.length)
    for (const url of presigner.lookAhead([...urls], most)) {
      // Nobody waits for it yet; what becomes of it is told once somebody does.
      if (!presigner.get(url)) presigner.ask(url).catch(() => {})
    }
    if (open === batch) open = undefined
    presigner.calls += 1
    presigner.urls += urls.length
    try {
      const { data } = await sessions.call({ path: 'media/presign', body: { urls } })
      if (!Array.isArray(data)) throw invalidResponse()
      /** @type {Awaited<Batch['answer']>} */
      const answer = new Map(data.map((item) => [item?.url, item]))
      /** @type {[string, string, number][]} */
      const news = []
      for (const url of urls) {
        const { presignedUrl, expiresAt } = answer.get(url) ?? {}
        // Unless the session ended meanwhile, or a fresh one was asked for.
        const isAwaited = asked.get(url) === batch && presignedUrl !== url
        if (isAwaited && opens(presignedUrl, url) && Number.isFinite(expiresAt)) {
          presigner.set(url, presignedUrl, expiresAt)
          news.push([url, presignedUrl, expiresAt])
        }
      }
      if (news[0]) presigner.onPresigned(news)
      return answer
    } catch (error) {
      throw isSessionGone(error) ? notLoggedIn() : error
    } finally {
      for (const url of urls) if (asked.get(url) === batch) asked.delete(url)
    }
  }
}
