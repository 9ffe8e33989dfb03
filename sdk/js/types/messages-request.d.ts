import type { BaseMessage } from './messages.js';
export type MessageSource = (path: string) => Promise<{
    messages: BaseMessage[];
    cursor: object | undefined;
}>;
/** @import { BaseMessage } from './messages.js' */
/**
 * Reads a page of messages of the client: its path, and where the page before it ends.
 *
 * @typedef {(path: string) => Promise<{ messages: BaseMessage[], cursor: object | undefined }>} MessageSource
 */
/** Reads the messages of one conversation page by page; made by {@link MessagesRequestBuilder}. */
export declare class MessagesRequest {
    #private;
    /**
     * @param {MessageSource} source
     * @param {string} path of the conversation's messages
     * @param {number} limit messages a page
     * @param {string} [messageId] where to start; left out, at the newest
     */
    constructor(source: MessageSource, path: string, limit: number, messageId?: string);
    /**
     * The page before the ones read so far, oldest message first; empty once there are no more.
     *
     * @returns {Promise<BaseMessage[]>}
     * @throws {CometChatException}
     */
    fetchPrevious(): Promise<BaseMessage[]>;
    /**
     * The messages after the newest one read so far, oldest first; empty if there is nothing new.
     *
     * @returns {Promise<BaseMessage[]>}
     * @throws {CometChatException} `NOT_ENOUGH_PARAMETERS` if nothing says where to start: call
     *   `setMessageId` or `fetchPrevious` first
     */
    fetchNext(): Promise<BaseMessage[]>;
}
/** Says which messages to read. */
export declare class MessagesRequestBuilder {
    #private;
    /** @param {MessageSource} source */
    constructor(source: MessageSource);
    /**
     * @param {string} uid the other user of the conversation
     * @returns {this}
     */
    setUID(uid: string): this;
    /**
     * @param {string} guid the group
     * @returns {this}
     */
    setGUID(guid: string): this;
    /**
     * @param {number} limit messages a page; 30 if left out
     * @returns {this}
     */
    setLimit(limit: number): this;
    /**
     * @param {string | number} messageId start before or after this message
     * @returns {this}
     */
    setMessageId(messageId: string | number): this;
    /**
     * @returns {MessagesRequest}
     * @throws {CometChatException} `NOT_ENOUGH_PARAMETERS` without `setUID` or `setGUID`
     */
    build(): MessagesRequest;
}
