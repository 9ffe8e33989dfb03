/**
 * A File Access Token and the time it ends, both as the server gave them.
 *
 * @typedef {object} Fat
 * @property {string} token compact JWS, exactly as it stands in `?fat=`
 * @property {number} issuedAt seconds since 1970 UTC
 * @property {number} expiresAt seconds since 1970 UTC; no longer valid at this second
 * @property {string | null} sessionId the session behind it; `null` if the token does not say
 */

/**
 * Reads a File Access Token out of an answer. Its signature is the server's business.
 *
 * @param {unknown} token
 * @param {unknown} expiresAt `fatExpiresAt` of the answer, used if the token does not say
 * @param {number} now seconds by the server's clock, used if the token does not say when it began
 * @returns {Fat | null} `null` if there is none, or none whose end is known
 */
export function readFat(token, expiresAt, now) {
  if (typeof token !== 'string' || !/^[\w.~-]+$/.test(token)) return null
  const { exp = expiresAt, iat = now, sid } = readClaims(token)
  if (typeof exp !== 'number' || typeof iat !== 'number') return null
  const sessionId = typeof sid === 'string' ? sid : null
  return { token, issuedAt: iat, expiresAt: exp, sessionId }
}

/**
 * @param {string} token
 * @returns {Record<string, unknown>}
 */
function readClaims(token) {
  const payload = token.split('.')[1] ?? ''
  try {
    return JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) ?? {}
  } catch {
    return {}
  }
}
