import { parseUrl } from './media-url.js'

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/

/**
 * Turns an override host into the base URL of API calls, without a slash at the end.
 *
 * A full URL is taken as it is. A bare host means https, except a loopback host, which takes the
 * page's scheme. Without a path, `/v3` is added.
 *
 * @param {string} host `host[:port][/path]` or an http(s) URL
 * @param {'http:' | 'https:'} pageProtocol scheme of the page, `http:` where there is no page
 * @returns {string | null} `null` if `host` is no host
 */
export function apiBase(host, pageProtocol) {
  const text = host.trim()
  const isFull = /^https?:\/\//i.test(text)
  if (!isFull && /^(\/|$)|:\/\//.test(text)) return null
  const url = parseUrl(isFull ? text : `https://${text}`)
  if (!url || url.username || url.password || url.search || url.hash) return null
  // Joined by hand: the `protocol` setter would drop a port that is the new scheme's default.
  const isLoopback = !isFull && LOOPBACK.test(url.hostname)
  const origin = isLoopback ? `${pageProtocol}//${text.split('/')[0]}` : url.origin
  return parseUrl(origin + (url.pathname.replace(/\/+$/, '') || '/v3'))?.href ?? null
}
