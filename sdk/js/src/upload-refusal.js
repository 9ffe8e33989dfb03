import { CometChatException, invalidResponse } from './exception.js'

/** @import { Sent } from './send-bytes.js' */

/** Codes after which the same file may arrive if it is sent again. */
const PASSING = [
  'ERR_BUSY',
  'ERR_INTERNAL',
  'ERR_NETWORK',
  'ERR_RATE_LIMITED',
  'ERR_TOO_MANY_UPLOADS',
  'ERR_UPLOAD_OFFSET',
  'ERR_UPLOAD_TRUNCATED'
]

/**
 * @param {CometChatException} error
 * @returns {boolean} whether the same file may arrive if it is sent again
 */
export function mayPass({ code }) {
  return PASSING.includes(code)
}

/**
 * @param {Sent} sent an answer that is no success
 * @returns {CometChatException}
 */
export function refusalOf({ status, text }) {
  try {
    const { code, message, details } = JSON.parse(text).error
    return new CometChatException(String(code), String(message), details)
  } catch {
    return status >= 500
      ? new CometChatException('ERR_NETWORK', `the server answered ${status}`)
      : invalidResponse(`the server answered ${status} without JSON`)
  }
}

/**
 * @param {unknown} thrown
 * @returns {CometChatException} `ERR_NETWORK` for what is none
 */
export function toException(thrown) {
  if (thrown instanceof CometChatException) return thrown
  const exception = new CometChatException('ERR_NETWORK', 'the file did not arrive')
  exception.cause = thrown
  return exception
}
