/** @import { Fat } from './fat.js' */

const EARLIEST_SECONDS = 600

const FIRST_RETRY_SECONDS = 5
const LONGEST_RETRY_SECONDS = 300

/**
 * When to renew a FAT: after four fifths of its life, but not more than 10 minutes before its end.
 *
 * @param {Fat} fat
 * @returns {number} seconds since 1970 UTC
 */
export function renewalTime({ issuedAt, expiresAt }) {
  const lifeSeconds = Math.max(expiresAt - issuedAt, 0)
  return expiresAt - Math.min(lifeSeconds / 5, EARLIEST_SECONDS)
}

/**
 * How long to wait before asking again. Also after a success: an answer that is due at once must
 * not become a loop.
 *
 * @param {number} failures failures in a row
 * @returns {number} seconds
 */
export function retryDelay(failures) {
  return Math.min(FIRST_RETRY_SECONDS * 2 ** Math.max(failures - 1, 0), LONGEST_RETRY_SECONDS)
}
