const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

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
  if (!isFull && (text === '' || text.includes('://') || text.startsWith('/'))) return null
  const url = parse(isFull ? text : `https://${text}`)
  if (url === null || url.username || url.password || url.search || url.hash) return null
  const scheme = !isFull && LOOPBACK.has(url.hostname) ? pageProtocol : url.protocol
  // Joined by hand: the `protocol` setter would drop a port that is the new scheme's default.
  const authority = !isFull && LOOPBACK.has(url.hostname) ? bareAuthority(text) : url.host
  const path = url.pathname.replace(/\/+$/, '')
  return parse(`${scheme}//${authority}${path === '' ? '/v3' : path}`)?.href ?? null
}

/** @param {string} text */
function bareAuthority(text) {
  return text.split('/', 1)[0] ?? text
}

/** @param {string} text */
function parse(text) {
  try {
    return new URL(text)
  } catch {
    return null
  }
}
