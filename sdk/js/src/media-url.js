/**
 * Media URLs: `{origin}/{appId}/media/{id}[_{variant}].{ext}`, where `id` is 32 hex digits.
 *
 * Everything here reads a URL by parsing it; a host is never looked for inside a string.
 */

const FILE = /^[0-9a-f]{32}(?:_(?:small|medium|large))?\.[a-z0-9]+$/

/** Names of the query parameters that are credentials: the FAT, and those of presigned URLs. */
const CREDENTIAL =
  /^(fat|Principal|Generation|Purpose|Views|Disposition|Expires|Signature|Key-Pair-Id|Hash-Algorithm)$/

/**
 * Reads the setting `SECURED_MEDIA_HOST`.
 *
 * @param {unknown} setting `{origin}/{appId}/media/`
 * @param {string} appId
 * @returns {string | null} where protected media begin; `null` if it is none, or another app's
 */
export function parseSecureMediaHost(setting, appId) {
  const url = parseUrl(setting)
  const isOurs = /^https?:/.test(url?.protocol ?? '') && url?.pathname === `/${appId}/media/`
  return isOurs ? url.origin + url.pathname : null
}

/**
 * @param {unknown} url
 * @param {string | null} host
 * @returns {boolean} whether `url` points to the secure media host
 */
export function isOnHost(url, host) {
  return host !== null && parseUrl(url)?.origin === new URL(host).origin
}

/**
 * The clean media URL behind `url`: without `fat`, presign parameters and fragment.
 *
 * @param {unknown} url
 * @param {string | null} host
 * @returns {string | null} `null` if `url` is no media URL of this app
 */
export function cleanMediaUrl(url, host) {
  const parsed = parseUrl(url)
  if (!host || !parsed || parsed.username || parsed.password) return null
  const clean = parsed.origin + parsed.pathname
  const isFile = clean.startsWith(host) && FILE.test(clean.slice(host.length))
  return isFile && [...parsed.searchParams.keys()].every((name) => CREDENTIAL.test(name))
    ? clean
    : null
}

/**
 * @param {unknown} url
 * @returns {boolean} whether `url` carries a `fat` query parameter
 */
export function hasFatQueryParam(url) {
  return !!parseUrl(url)?.searchParams.has('fat')
}

/**
 * Takes every `fat` query parameter away and leaves the rest of the URL as it is written.
 *
 * @param {string} url
 * @returns {string} `url` itself if it has none, or is no URL
 */
export function stripFatQueryParam(url) {
  if (!hasFatQueryParam(url)) return url
  return url.replace(/\?([^#]*)/, (_, /** @type {string} */ query) => {
    const rest = query.split('&').filter((pair) => !new URLSearchParams(pair).has('fat'))
    return rest[0] === undefined ? '' : `?${rest.join('&')}`
  })
}

/**
 * @param {unknown} text
 * @returns {URL | null} `null` if `text` is no absolute URL
 */
export function parseUrl(text) {
  try {
    return typeof text === 'string' ? new URL(text) : null
  } catch {
    return null
  }
}
