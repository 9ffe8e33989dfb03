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
 * The host that serves an app's protected media.
 *
 * @typedef {object} SecureMediaHost
 * @property {string} origin such as `https://files-us.example.com`
 * @property {string} appId
 */

/**
 * Reads the setting `SECURED_MEDIA_HOST`.
 *
 * @param {unknown} setting `{origin}/{appId}/media/`
 * @param {string} appId
 * @returns {SecureMediaHost | null} `null` if it is none, or another app's
 */
export function parseSecureMediaHost(setting, appId) {
  const url = parseUrl(setting)
  if (!/^https?:/.test(url?.protocol ?? '') || url?.pathname !== `/${appId}/media/`) return null
  return { origin: url.origin, appId }
}

/**
 * @param {unknown} url
 * @param {SecureMediaHost | null} host
 * @returns {url is string} whether `url` points to the secure media host
 */
export function isOnHost(url, host) {
  return host !== null && parseUrl(url)?.origin === host.origin
}

/**
 * The clean media URL behind `url`: without `fat`, presign parameters and fragment.
 *
 * @param {unknown} url
 * @param {SecureMediaHost | null} host
 * @returns {string | null} `null` if `url` is no media URL of this app
 */
export function cleanMediaUrl(url, host) {
  const parsed = parseUrl(url)
  if (!host || parsed?.origin !== host.origin || parsed.username || parsed.password) return null
  const { pathname, searchParams } = parsed
  const isOurs = [...searchParams.keys()].every((name) => CREDENTIAL.test(name))
  const prefix = `/${host.appId}/media/`
  const isFile = pathname.startsWith(prefix) && FILE.test(pathname.slice(prefix.length))
  return isOurs && isFile ? host.origin + pathname : null
}

/**
 * @param {unknown} url
 * @returns {boolean} whether `url` carries a `fat` query parameter
 */
export function hasFatQueryParam(url) {
  return parseUrl(url)?.searchParams.has('fat') ?? false
}

/**
 * Takes every `fat` query parameter away and leaves the rest of the URL as it is written.
 *
 * @param {string} url
 * @returns {string} `url` itself if it has none, or is no URL
 */
export function stripFatQueryParam(url) {
  if (!hasFatQueryParam(url)) return url
  const [, before = '', query = '', hash = ''] = /^([^?#]*)\?([^#]*)(.*)$/s.exec(url) ?? []
  const rest = query.split('&').filter((pair) => !new URLSearchParams(pair).has('fat'))
  return before + (rest.length > 0 ? `?${rest.join('&')}` : '') + hash
}

/**
 * @param {unknown} text
 * @returns {URL | null} `null` if `text` is no absolute URL
 */
export function parseUrl(text) {
  if (typeof text !== 'string') return null
  try {
    return new URL(text)
  } catch {
    return null
  }
}
