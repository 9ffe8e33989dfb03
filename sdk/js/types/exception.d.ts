/** What a promise of this SDK rejects with; `code` is stable and safe to branch on. */
export declare class CometChatException extends Error {
    /** Stable code, such as `ERR_NETWORK`. */
    code: string;
    /** What the server added, such as `{ reason, retry, refresh }`; `undefined` if nothing. */
    details: unknown;
    /**
     * @param {string} code stable code, such as `ERR_NETWORK`
     * @param {string} message what is wrong, in words
     * @param {unknown} [details] what the server added, such as `{ reason, retry, refresh }`
     */
    constructor(code: string, message: string, details?: unknown);
    /** @returns {string} the stable code */
    getCode(): string;
    /** @returns {string} what is wrong, in words */
    getMessage(): string;
}
/** @returns {CometChatException} nobody is logged in, or the session has ended */
export declare function notLoggedIn(): CometChatException;
/**
 * @param {string} message what was expected
 * @returns {CometChatException} the server answered, but not in the agreed shape
 */
export declare function invalidResponse(message: string): CometChatException;
