/** Codes after which asking again may help, where the server says nothing of it. */
const WORTH_A_RETRY = ['ERR_NETWORK', 'ERR_INVALID_RESPONSE']

/** What a promise of this SDK rejects with; `code` is stable and safe to branch on. */
export class CometChatException extends Error {
  /**
   * @param {string} code stable code, such as `ERR_NETWORK`
   * @param {string} [message] what is wrong, in words; left out, those of the code
   * @param {unknown} [details] what the server added, such as `{ reason, retry, refresh }`
   */
  constructor(code, message, details) {
    super(message ?? code.replace('ERR_', '').replaceAll('_', ' ').toLowerCase())
    this.name = 'CometChatException'
    /** Stable code, such as `ERR_NETWORK`. */
    this.code = code
    /** What the server added, such as `{ reason, retry, refresh }`; `undefined` if nothing. */
    this.details = details
    const { reason, retry } = /** @type {{ reason?: unknown, retry?: unknown }} */ (details ?? {})
    /** The rule that refused, such as `not_permitted`. @type {string | undefined} */
    this.reason = typeof reason === 'string' ? reason : undefined
    /** Whether asking again may help. */
    this.retry = typeof retry === 'boolean' ? retry : WORTH_A_RETRY.includes(code)
  }

  /** @returns {string} the stable code */
  getCode() {
    return this.code
  }

  /** @returns {string} what is wrong, in words */
  getMessage() {
    return this.message
  }
}

/** @returns {CometChatException} nobody is logged in, or the session has ended */
export function notLoggedIn() {
  return new CometChatException('ERR_NOT_LOGGED_IN')
}

/** @returns {CometChatException} the server ended the session, or another tab logged out */
export function sessionEnded() {
  const details = { reason: 'session_ended', refresh: 'login' }
  return new CometChatException('ERR_SESSION_ENDED', undefined, details)
}

/** @returns {CometChatException} the server answered, but not in the agreed shape */
export function invalidResponse() {
  return new CometChatException('ERR_INVALID_RESPONSE')
}

/**
 * @param {unknown} cause what was thrown
 * @returns {CometChatException} itself, or that nothing came back
 */
export function toException(cause) {
  if (cause instanceof CometChatException) return cause
  const exception = new CometChatException('ERR_NETWORK', 'the server could not be reached')
  exception.cause = cause
  return exception
}

/**
 * @param {any} error `error` of the envelope
 * @returns {CometChatException} the server's own code
 */
export function refusal({ code, message, details }) {
  return new CometChatException(code, message, details)
}

/**
 * @param {any} error
 * @returns {boolean} whether the server no longer knows the session
 */
export function isSessionGone(error) {
  return error?.code === 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND'
}
