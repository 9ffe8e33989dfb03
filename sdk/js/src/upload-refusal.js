import { CometChatException, networkError } from './exception.js'

/** Codes after which the same file may arrive if it is sent again. */
const PASSING =
  /^ERR_(BUSY|INTERNAL|NETWORK|RATE_LIMITED|TOO_MANY_UPLOADS|UPLOAD_(OFFSET|TRUNCATED))$/

/**
 * @param {CometChatException} error
 * @returns {boolean} whether the same file may arrive if it is sent again
 */
export function mayPass({ code }) {
  return PASSING.test(code)
}

/**
 * @param {unknown} thrown
 * @returns {CometChatException} `ERR_NETWORK` for what is none
 */
export function toException(thrown) {
  return thrown instanceof CometChatException ? thrown : networkError(thrown)
}
