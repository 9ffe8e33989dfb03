/** What a promise of this SDK rejects with; `code` is stable and safe to branch on. */
export declare class CometChatException extends Error {
    /** Stable code, such as `ERR_NETWORK`. */
    code: string;
    /** What the server added, such as `{ reason, retry, refresh }`; `undefined` if nothing. */
    details: unknown;
    /** The rule that refused, such as `not_permitted`. @type {string | undefined} */
    reason: string | undefined;
    /** Whether asking again may help. */
    retry: boolean;
    /**
     * @param {string} code stable code, such as `ERR_NETWORK`
     * @param {string} [message] what is wrong, in words; left out, those of the code
     * @param {unknown} [details] what the server added, such as `{ reason, retry, refresh }`
     */
    constructor(code: string, message?: string, details?: unknown);
    /** @returns {string} the stable code */
    getCode(): string;
    /** @returns {string} what is wrong, in words */
    getMessage(): string;
}
/** @returns {CometChatException} nobody is logged in, or the session has ended */
export declare function notLoggedIn(): CometChatException;
/** @returns {CometChatException} the server ended the session, or another tab logged out */
export declare function sessionEnded(): CometChatException;
/** @returns {CometChatException} the server answered, but not in the agreed shape */
export declare function invalidResponse(): CometChatException;
/**
 * @param {unknown} cause what was thrown
 * @returns {CometChatException} itself, or that nothing came back
 */
export declare function toException(cause: unknown): CometChatException;
/**
 * @param {any} error `error` of the envelope
 * @returns {CometChatException} the server's own code
 */
export declare function refusal({ code, message, details }: any): CometChatException;
/**
 * @param {any} error
 * @returns {boolean} whether the server no longer knows the session
 */
export declare function isSessionGone(error: any): boolean;
