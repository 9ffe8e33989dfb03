/** A URL this close to its end is not handed out again: it has to open first. In seconds. */
const SPARE_SECONDS = 5

const MAX_ENTRIES = 10_000

/** Presigned URLs in memory, by clean media URL, until the server's clock says they expire. */
export class PresignedCache {
  /** @type {Map<string, { presignedUrl: string, expiresAt: number }>} */
  #entries = new Map()
  /** The last one that was kept, also after `clear`. @type {string | null} */
  newest = null

  /**
   * @param {string} url clean media URL
   * @param {number} now seconds by the server's clock
   * @returns {string | null}
   */
  get(url, now) {
    const entry = this.#entries.get(url)
    if (entry === undefined) return null
    if (entry.expiresAt - SPARE_SECONDS > now) return entry.presignedUrl
    this.#entries.delete(url)
    return null
  }

  /**
   * @param {string} url clean media URL
   * @param {string} presignedUrl
   * @param {number} expiresAt seconds by the server's clock
   */
  set(url, presignedUrl, expiresAt) {
    this.newest = presignedUrl
    this.#entries.delete(url)
    this.#entries.set(url, { presignedUrl, expiresAt })
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest)
  }

  /**
   * @param {string} url clean media URL
   * @returns {number} seconds by the server's clock; `Infinity` if it is not known
   */
  expiresAt(url) {
    return this.#entries.get(url)?.expiresAt ?? Infinity
  }

  /** @param {string} url clean media URL */
  drop(url) {
    this.#entries.delete(url)
  }

  clear() {
    this.#entries.clear()
  }
}
