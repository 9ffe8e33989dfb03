import { memoryStorage } from './storage.js'

/** @typedef {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} KeyValueStorage */

/**
 * An event target, as far as this SDK listens to one.
 *
 * @typedef {object} Listenable
 * @property {(type: string, listener: (event: any) => void, capture?: boolean) => void} addEventListener
 */

/**
 * Everything this SDK takes from its surroundings.
 *
 * @typedef {object} Effects
 * @property {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @property {import('./send-bytes.js').SendBytes} [sendBytes] with progress, where there is one
 * @property {() => number} now milliseconds since 1970 UTC
 * @property {(mode: 'local' | 'session') => KeyValueStorage} storage where a session is kept
 * @property {(callback: () => void, milliseconds: number) => unknown} setTimeout
 * @property {(handle: any) => void} clearTimeout
 * @property {(Listenable & { visibilityState?: string }) | null} document
 * @property {Listenable | null} window
 * @property {(name: string) => Pick<BroadcastChannel, 'postMessage' | 'onmessage'> | null} [channel]
 *   to the other tabs of the origin; `null` where there is none
 * @property {(<T>(name: string, work: () => Promise<T>) => Promise<T>) | null} [locks] runs `work`
 *   while no other tab runs it; `null` where there are no Web Locks
 * @property {'http:' | 'https:'} pageProtocol scheme of the page, `http:` where there is none
 */

/**
 * The surroundings of a page, or of Node where there is no page.
 *
 * @returns {Effects}
 */
export function defaultEffects() {
  const page = globalThis.document ?? null
  const memory = memoryStorage()
  return {
    fetch: (url, init) => fetch(url, init),
    now: () => Date.now(),
    storage(mode) {
      try {
        return (page && globalThis[`${mode}Storage`]) ?? memory
      } catch {
        return memory // a sandboxed frame may not even look at its storage
      }
    },
    setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds),
    clearTimeout: (handle) => clearTimeout(handle),
    document: page,
    window: page && window,
    pageProtocol: page && location.protocol === 'https:' ? 'https:' : 'http:'
  }
}

/**
 * @param {Pick<Effects, 'setTimeout'>} effects
 * @param {number} milliseconds
 * @returns {Promise<unknown>}
 */
export function pause({ setTimeout }, milliseconds) {
  return new Promise((resolve) => setTimeout(() => resolve(null), milliseconds))
}

/** Timers past 2³¹ ms fire at once, and sleep makes long ones late: they fire early, after an hour. */
const LONGEST_SECONDS = 3600

/** @typedef {ReturnType<typeof createTimer>} Timer */

/**
 * One timer: whoever sets it anew, or to nothing, takes away what it was set to.
 *
 * @param {Pick<Effects, 'setTimeout' | 'clearTimeout'>} effects
 */
export function createTimer({ setTimeout, clearTimeout }) {
  /** @type {any} */
  let handle
  return (seconds = Infinity, callback = () => {}) => {
    clearTimeout(handle)
    if (seconds === Infinity) return
    handle = setTimeout(callback, Math.min(seconds, LONGEST_SECONDS) * 1000)
    // In Node a timer would keep the process alive.
    handle?.unref?.()
  }
}
