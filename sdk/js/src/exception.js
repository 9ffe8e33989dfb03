/** What a promise of this SDK rejects with; `code` is stable and safe to branch on. */
export class CometChatException extends Error {
  /**
   * @param {string} code stable code, such as `ERR_NETWORK`
   * @param {string} message what is wrong, in words
   * @param {unknown} [details] what the server added, such as `{ reason, retry, refresh }`
   */
  constructor(code, message, details) {
    super(message)
    this.name = 'CometChatException'
    /** Stable code, such as `ERR_NETWORK`. */
    this.code = code
    /** What the server added, such as `{ reason, retry, refresh }`; `undefined` if nothing. */
    this.details = details
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
  return new CometChatException('ERR_NOT_LOGGED_IN', 'nobody is logged in: call login() first')
}

/**
 * @param {string} message what was expected
 * @returns {CometChatException} the server answered, but not in the agreed shape
 */
export function invalidResponse(message) {
  return new CometChatException('ERR_INVALID_RESPONSE', message)
}
