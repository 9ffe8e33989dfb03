import { toException, refusal } from './exception.js'

/** @import { CometChatException } from './exception.js' */

/**
 * Asks the secure media host why it refuses a URL.
 *
 * @param {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @param {string} url
 * @returns {Promise<CometChatException | null>} `null` if it opens
 */
export async function refusalOf(fetch, url) {
  try {
    const headers = { range: 'bytes=0-0' }
    const response = await fetch(url, { headers, credentials: 'omit', cache: 'no-store' })
    if (response.status >= 400) return refusalIn(response)
    await response.body?.cancel()
    return null
  } catch (cause) {
    return toException(cause)
  }
}

/**
 * @param {Response} response that is no success
 * @returns {Promise<CometChatException>}
 */
export async function refusalIn(response) {
  const body = await response.json().catch(() => null)
  return refusal(body?.error ?? { code: 'ERR_INVALID_RESPONSE' })
}
