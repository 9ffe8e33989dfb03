/** The server's clock, as far as its answers told: what expires, expires by this clock. */
export class ServerClock {
  #now
  /** Server time minus ours, in milliseconds. */
  offset = 0

  /** @param {() => number} now milliseconds since 1970 UTC by our clock */
  constructor(now) {
    this.#now = now
  }

  /** @returns {number} seconds since 1970 UTC by the server's clock */
  now() {
    return (this.#now() + this.offset) / 1000
  }

  /** @param {unknown} serverTime `meta.serverTime` of an answer that just arrived, in seconds */
  set(serverTime) {
    if (typeof serverTime !== 'number' || !Number.isFinite(serverTime)) return
    this.offset = serverTime * 1000 - this.#now()
  }
}
