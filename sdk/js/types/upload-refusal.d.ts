import { CometChatException } from './exception.js';
/**
 * @param {CometChatException} error
 * @returns {boolean} whether the same file may arrive if it is sent again
 */
export declare function mayPass({ code }: CometChatException): boolean;
/**
 * @param {unknown} thrown
 * @returns {CometChatException} `ERR_NETWORK` for what is none
 */
export declare function toException(thrown: unknown): CometChatException;
