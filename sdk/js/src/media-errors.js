/** @import { Listenable } from './effects.js' */

/**
 * Tells of every image, video or audio of a page that failed to load.
 *
 * Error events of elements do not bubble, but a capturing listener sees them, and before the
 * element's own listeners do: what those ask for again is no longer cached.
 *
 * @param {Listenable | null} document
 * @param {(url: string, element: { src?: unknown }) => boolean} onFailure whether the element is
 *   given another try; then nobody else is told
 */
export function watchMediaErrors(document, onFailure) {
  document?.addEventListener(
    'error',
    (event) => {
      const target = event?.target
      let again = false
      for (const url of new Set([target?.currentSrc, target?.src])) {
        if (typeof url === 'string' && url !== '') again = onFailure(url, target) || again
      }
      if (again) event.stopImmediatePropagation?.()
    },
    true
  )
}

/**
 * Asks the secure media host why it refuses a URL.
 *
 * @param {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @param {string} url
 * @returns {Promise<unknown>} `details` of the refusal; `null` if it is no 401, or cannot be told
 */
export async function refusalOf(fetch, url) {
  try {
    const headers = { range: 'bytes=0-0' }
    const response = await fetch(url, { headers, credentials: 'omit', cache: 'no-store' })
    if (response.status === 401) return (await response.json())?.error?.details ?? null
    await response.body?.cancel()
  } catch {
    // Offline, or an answer that is none: nothing is known, and nothing changes.
  }
  return null
}
