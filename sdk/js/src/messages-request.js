import { CometChatException } from './exception.js'

/** @import { BaseMessage } from './messages.js' */

/**
 * Reads a page of messages of the client: its path, and where the page before it ends.
 *
 * @typedef {(path: string) => Promise<{ messages: BaseMessage[], cursor: object | undefined }>} MessageSource
 */

/** Reads the messages of one conversation page by page; made by {@link MessagesRequestBuilder}. */
export class MessagesRequest {
  #source
  #path
  #limit
  /** Where the next older page ends. @type {object | undefined} */
  #before
  /** Id of the newest message known. @type {string | undefined} */
  #after

  /**
   * @param {MessageSource} source
   * @param {string} path of the conversation's messages
   * @param {number} limit messages a page
   * @param {string} [messageId] where to start; left out, at the newest
   */
  constructor(source, path, limit, messageId) {
    this.#source = source
    this.#path = path
    this.#limit = limit
    this.#before = messageId ? { id: messageId } : {}
    this.#after = messageId
  }

  /**
   * The page before the ones read so far, oldest message first; empty once there are no more.
   *
   * @returns {Promise<BaseMessage[]>}
   * @throws {CometChatException}
   */
  async fetchPrevious() {
    if (!this.#before) return []
    const { messages, cursor } = await this.#page('prepend', this.#before)
    const id = messages[0]?.getId()
    this.#after ??= messages.at(-1)?.getId()
    this.#before = id && cursor ? { id, ...cursor } : undefined
    return messages
  }

  /**
   * The messages after the newest one read so far, oldest first; empty if there is nothing new.
   *
   * @returns {Promise<BaseMessage[]>}
   * @throws {CometChatException} `NOT_ENOUGH_PARAMETERS` if nothing says where to start: call
   *   `setMessageId` or `fetchPrevious` first
   */
  async fetchNext() {
    if (!this.#after) {
      throw new CometChatException('NOT_ENOUGH_PARAMETERS', 'fetchNext needs a message to start at')
    }
    const { messages } = await this.#page('append', { id: this.#after })
    this.#after = messages.at(-1)?.getId() ?? this.#after
    return messages
  }

  /**
   * @param {string} affix
   * @param {object} position
   */
  #page(affix, position) {
    const query = new URLSearchParams({ per_page: `${this.#limit}`, ...position, affix })
    return this.#source(`${this.#path}?${query}`)
  }
}

/** Says which messages to read. */
export class MessagesRequestBuilder {
  #source
  #path = ''
  #limit = 30
  /** @type {string | undefined} */
  #messageId

  /** @param {MessageSource} source */
  constructor(source) {
    this.#source = source
  }

  /**
   * @param {string} uid the other user of the conversation
   * @returns {this}
   */
  setUID(uid) {
    this.#path = `users/${encodeURIComponent(uid)}/messages`
    return this
  }

  /**
   * @param {string} guid the group
   * @returns {this}
   */
  setGUID(guid) {
    this.#path = `groups/${encodeURIComponent(guid)}/messages`
    return this
  }

  /**
   * @param {number} limit messages a page; 30 if left out
   * @returns {this}
   */
  setLimit(limit) {
    this.#limit = limit
    return this
  }

  /**
   * @param {string | number} messageId start before or after this message
   * @returns {this}
   */
  setMessageId(messageId) {
    this.#messageId = String(messageId)
    return this
  }

  /**
   * @returns {MessagesRequest}
   * @throws {CometChatException} `NOT_ENOUGH_PARAMETERS` without `setUID` or `setGUID`
   */
  build() {
    if (!this.#path) {
      throw new CometChatException('NOT_ENOUGH_PARAMETERS', 'call setUID or setGUID first')
    }
    return new MessagesRequest(this.#source, this.#path, this.#limit, this.#messageId)
  }
}
