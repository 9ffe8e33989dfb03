import { CometChatException } from './exception.js';
import type { Sent } from './send-bytes.js';
/**
 * @param {CometChatException} error
 * @returns {boolean} whether the same file may arrive if it is sent again
 */
export declare function mayPass({ code }: CometChatException): boolean;
/**
 * @param {Sent} sent an answer that is no success
 * @returns {CometChatException}
 */
export declare function refusalOf({ status, text }: Sent): CometChatException;
/**
 * @param {unknown} thrown
 * @returns {CometChatException} `ERR_NETWORK` for what is none
 */
export declare function toException(thrown: unknown): CometChatException;
