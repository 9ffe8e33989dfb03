/**
 * A File Access Token and the time it ends, both as the server gave them.
 *
 * @typedef {object} Fat
 * @property {string} token compact JWS, exactly as it stands in `?fat=`
 * @property {number} issuedAt seconds since 1970 UTC
 * @property {number} expiresAt seconds since 1970 UTC; no longer valid at this second
 * @property {string | null} sessionId the session behind it; `null` if the token does not say
 */
export type Fat = {
    /**
     * compact JWS, exactly as it stands in `?fat=`
     */
    token: string;
    /**
     * seconds since 1970 UTC
     */
    issuedAt: number;
    /**
     * seconds since 1970 UTC; no longer valid at this second
     */
    expiresAt: number;
    /**
     * the session behind it; `null` if the token does not say
     */
    sessionId: string | null;
};
/**
 * Reads a File Access Token out of an answer. Its signature is the server's business.
 *
 * @param {unknown} token
 * @param {unknown} expiresAt `fatExpiresAt` of the answer, used if the token does not say
 * @param {number} now seconds by the server's clock, used if the token does not say when it began
 * @returns {Fat | null} `null` if there is none, or none whose end is known
 */
export declare function readFat(token: unknown, expiresAt: unknown, now: number): Fat | null;
