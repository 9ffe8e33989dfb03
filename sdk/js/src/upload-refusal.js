import { CometChatException } from './exception.js'

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
 * @param {unknown} thrown
 * @returns {CometChatException} `ERR_NETWORK` for what is none
 */
export function toException(thrown) {
  if (thrown instanceof CometChatException) return thrown
  const exception = new CometChatException('ERR_NETWORK', 'the file did not arrive')
  exception.cause = thrown
  return exception
}
