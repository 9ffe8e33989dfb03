/**
 * @typedef {{status: number, code?: string, reason?: string, message?: string}} Answer
 */

/**
 * Asks the secure media host for the first byte of a URL, past every cache.
 *
 * @param {string} url
 * @returns {Promise<Answer>} status 0 where no answer came
 */
export async function probe(url) {
  try {
    const response = await fetch(url, {
      headers: { range: 'bytes=0-0' },
      cache: 'no-store',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    })
    if (response.ok) {
      await response.body?.cancel()
      return { status: response.status }
    }
    const { error } = await response.json().catch(() => ({}))
    return {
      status: response.status,
      code: error?.code,
      reason: error?.details?.reason,
      message: error?.message,
    }
  } catch {
    return { status: 0 }
  }
}

/** @param {string} url @returns {string} the media URL without any credential */
export function cleanUrl(url) {
  const parsed = new URL(url)
  parsed.search = ''
  parsed.hash = ''
  return parsed.href
}

/** @param {string} url @param {string} fat */
export function withFat(url, fat) {
  const parsed = new URL(url)
  parsed.searchParams.set('fat', fat)
  return parsed.href
}

/** @param {string} url @returns {'fat' | 'presigned' | 'none'} */
export function credentialOf(url) {
  const { searchParams } = new URL(url)
  if (searchParams.has('fat')) return 'fat'
  return searchParams.has('Signature') ? 'presigned' : 'none'
}
