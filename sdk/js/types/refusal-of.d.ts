import type { CometChatException } from './exception.js';
/** @import { CometChatException } from './exception.js' */
/**
 * Asks the secure media host why it refuses a URL.
 *
 * @param {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @param {string} url
 * @returns {Promise<CometChatException | null>} `null` if it opens
 */
export declare function refusalOf(fetch: (url: string, init: RequestInit) => Promise<Response>, url: string): Promise<CometChatException | null>;
/**
 * @param {Response} response that is no success
 * @returns {Promise<CometChatException>}
 */
export declare function refusalIn(response: Response): Promise<CometChatException>;
