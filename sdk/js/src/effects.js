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
  const page = typeof document === 'undefined' ? null : document
  const memory = memoryStorage()
  return {
    fetch: (url, init) => globalThis.fetch(url, init),
    now: () => Date.now(),
    storage: (mode) => browserStorage(mode) ?? memory,
    setTimeout: (callback, milliseconds) => globalThis.setTimeout(callback, milliseconds),
    clearTimeout: (handle) => globalThis.clearTimeout(handle),
    document: page,
    window: page && (globalThis.window ?? null),
    pageProtocol: page && globalThis.location?.protocol === 'https:' ? 'https:' : 'http:'
  }
}

/**
 * @param {'local' | 'session'} mode
 * @returns {KeyValueStorage | null}
 */
function browserStorage(mode) {
  if (typeof document === 'undefined') return null
  try {
    return (mode === 'session' ? globalThis.sessionStorage : globalThis.localStorage) ?? null
  } catch {
    return null // a sandboxed frame may not even look at its storage
  }
}
