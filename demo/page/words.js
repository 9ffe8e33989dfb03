/** Sentences for what the secure media host answers; the words a customer reads. */

const REASONS = {
  fat_missing: 'No token came with the request, so the host does not even say whether the file exists.',
  fat_invalid: 'The File Access Token is not one of ours.',
  fat_expired: 'The File Access Token has expired. Logging in again renews it.',
  session_ended: 'The session behind this URL has ended, so the URL ended with it.',
  presign_expired: 'The presigned URL has expired. A fresh one opens the file.',
  presign_altered: 'The presigned URL was changed after it was signed.',
  two_credentials: 'Two different credentials came with one request.',
  not_permitted: 'The token is valid, but its user is not in this conversation.',
  not_ready: 'The file is still being prepared.',
  retry_later: 'The host asks to try again in a moment.',
  not_found: 'There is no such file.',
}

/**
 * One sentence for an answer of the secure media host.
 *
 * @param {{status: number, reason?: string, message?: string}} answer
 * @returns {string}
 */
export function sentence({ status, reason, message }) {
  if (status === 200 || status === 206) return 'The file opened.'
  if (status === 0) return 'The secure media host could not be reached.'
  return (reason && REASONS[reason]) || message || 'The secure media host refused.'
}

/**
 * A span of seconds for people: `45 s`, `14 min 05 s`, `23 h 59 min`, `6 days`.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds))
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`
  if (s < 172800) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`
  return `${Math.floor(s / 86400)} days`
}

/**
 * A file size for people.
 *
 * @param {number} bytes
 * @returns {string}
 */
export function size(bytes) {
  if (!Number.isFinite(bytes)) return ''
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/**
 * A URL short enough to read: credentials keep their first letters only.
 *
 * @param {string} url
 * @returns {string}
 */
export function shortUrl(url) {
  return url.replace(/([?&](?:fat|Signature)=)([^&]{10})[^&]+/g, '$1$2…')
}
