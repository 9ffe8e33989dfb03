import { renewalTime, retryDelay } from './renewal-time.js'

/** @import { Effects } from './effects.js' */
/** @import { ServerClock } from './server-clock.js' */
/** @import { Session, Sessions } from './session.js' */

/** Timers past 2³¹ ms fire at once, and sleep makes long ones late: look again after an hour. */
const LONGEST_TIMER_MS = 3_600_000

/** Keeps the FAT of a session fresh: one renewal for all who ask, and ever more slowly on failure. */
export class FatRenewal {
  #sessions
  #clock
  #effects
  /** @type {Promise<void> | null} */
  #running = null
  /** @type {unknown} */
  #timer = null
  #failures = 0
  #retryAt = 0
  /** Renewals that the server answered. */
  done = 0

  /**
   * @param {Sessions} sessions
   * @param {ServerClock} clock
   * @param {Effects} effects
   */
  constructor(sessions, clock, effects) {
    this.#sessions = sessions
    this.#clock = clock
    this.#effects = effects
  }

  /** Renews in the background if the time has come. */
  ifDue() {
    if (this.#clock.now() >= this.#dueAt()) this.start()
  }

  /** Renews, once for all who ask meanwhile. What fails is tried again later. */
  start() {
    const session = this.#sessions.current
    if (session === null || this.#running !== null) return
    const running = this.#once(session).then(() => {
      if (this.#running !== running) return
      this.#running = null
      this.schedule()
    })
    this.#running = running
  }

  /** Waits for the renewal that is under way, if one is. */
  async settle() {
    await this.#running
  }

  /** @param {Session} session */
  async #once(session) {
    const isDone = await this.#sessions.renewOnce(session).then(
      () => true,
      () => false
    )
    if (session !== this.#sessions.current) return
    this.#failures = isDone ? 0 : this.#failures + 1
    if (isDone) this.done += 1
    this.#retryAt = this.#clock.now() + retryDelay(this.#failures)
  }

  /** Begins anew, for another session or for none. */
  reset() {
    this.#effects.clearTimeout(this.#timer)
    this.#running = null
    this.#failures = 0
    this.#retryAt = 0
  }

  /** Looks again when the FAT of the present session is due. */
  schedule() {
    this.#effects.clearTimeout(this.#timer)
    const wait = (this.#dueAt() - this.#clock.now()) * 1000
    if (wait === Infinity) return
    /** @type {any} */
    const timer = this.#effects.setTimeout(
      () => {
        this.ifDue()
        if (this.#running === null) this.schedule()
      },
      Math.min(Math.max(wait, 1000), LONGEST_TIMER_MS)
    )
    // In Node a timer would keep the process alive.
    timer?.unref?.()
    this.#timer = timer
  }

  /** @returns {number} seconds by the server's clock; `Infinity` if nothing is to be renewed */
  #dueAt() {
    const session = this.#sessions.current
    if (session === null || this.#running !== null) return Infinity
    if (!session.isConfirmed) return this.#retryAt
    if (this.#sessions.secureMediaHost === null) return Infinity
    return Math.max(session.fat === null ? 0 : renewalTime(session.fat), this.#retryAt)
  }
}
