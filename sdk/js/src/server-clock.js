/** @typedef {ReturnType<typeof createClock>} ServerClock */

/**
 * The server's clock, as far as its answers told: what expires, expires by this clock.
 *
 * @param {() => number} now milliseconds since 1970 UTC by our clock
 */
export function createClock(now) {
  const clock = {
    /** Server time minus ours, in milliseconds. */
    offset: 0,
    /** @returns {number} seconds since 1970 UTC by the server's clock */
    now: () => (now() + clock.offset) / 1000,
    /** @param {unknown} serverTime `meta.serverTime` of an answer that just arrived, in seconds */
    set(serverTime) {
      if (Number.isFinite(serverTime)) clock.offset = Number(serverTime) * 1000 - now()
    }
  }
  return clock
}
