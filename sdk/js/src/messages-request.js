import { CometChatException, invalidResponse } from './exception.js'

/** @import { Answer } from './api.js' */
/** @import { BaseMessage } from './messages.js' */

/**
 * What a request needs from the client.
 *
 * @typedef {object} MessageSource
 * @property {(path: string) => Promise<Answer>} read
 * @property {(raw: unknown) => BaseMessage} toMessage
 */

/** Reads the messages of one conversation page by page; made by {@link MessagesRequestBuilder}. */
export class MessagesRequest {
  #source
  #path
  #limit
  /** Where the next older page ends. @type {Record<string, string> | null} */
  #before
  /** Id of the newest message known. @type {string | null} */
  #after
  #hasOlder = true

  /**
   * @param {MessageSource} source
   * @param {string} path of the conversation's messages
   * @param {number} limit messages a page
   * @param {string | null} messageId where to start; `null` at the newest
   */
  constructor(source, path, limit, messageId) {
    this.#source = source
    this.#path = path
    this.#limit = limit
    this.#before = messageId === null ? null : { id: messageId }
    this.#after = messageId
  }

  /**
   * The page before the ones read so far, oldest message first; empty once there are no more.
   *
   * @returns {Promise<BaseMessage[]>}
   * @throws {CometChatException}
   */
  async fetchPrevious() {
    if (!this.#hasOlder) return []
    const { list, cursor } = await this.#page({ ...this.#before, affix: 'prepend' })
    const oldest = idOf(list[0])
    this.#after ??= idOf(list.at(-1))
    this.#hasOlder = oldest !== null && cursor !== null
    if (oldest !== null) this.#before = { id: oldest, ...cursor }
    return list.map((raw) => this.#source.toMessage(raw))
  }

  /**
   * The messages after the newest one read so far, oldest first; empty if there is nothing new.
   *
   * @returns {Promise<BaseMessage[]>}
   * @throws {CometChatException} `NOT_ENOUGH_PARAMETERS` if nothing says where to start: call
   *   `setMessageId` or `fetchPrevious` first
   */
  async fetchNext() {
    if (this.#after === null) {
      throw new CometChatException('NOT_ENOUGH_PARAMETERS', 'fetchNext needs a message to start at')
    }
    const { list } = await this.#page({ id: this.#after, affix: 'append' })
    this.#after = idOf(list.at(-1)) ?? this.#after
    return list.map((raw) => this.#source.toMessage(raw))
  }

  /** @param {Record<string, string>} position */
  async #page(position) {
    const query = new URLSearchParams({ per_page: String(this.#limit), ...position })
    const { data, meta } = await this.#source.read(`${this.#path}?${query}`)
    if (!Array.isArray(data)) throw invalidResponse()
    return { list: data, cursor: readCursor(meta?.['cursor']) }
  }
}

/** Says which messages to read. */
export class MessagesRequestBuilder {
  #source
  /** @type {string | null} */
  #path = null
  #limit = 30
  /** @type {string | null} */
  #messageId = null

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
    if (this.#path === null) {
      throw new CometChatException('NOT_ENOUGH_PARAMETERS', 'call setUID or setGUID first')
    }
    return new MessagesRequest(this.#source, this.#path, this.#limit, this.#messageId)
  }
}

/**
 * @param {any} raw message
 * @returns {string | null}
 */
function idOf(raw) {
  return raw?.id === undefined ? null : String(raw.id)
}

/**
 * @param {any} cursor
 * @returns {Record<string, string> | null}
 */
function readCursor(cursor) {
  if (typeof cursor !== 'object' || cursor === null) return null
  /** @type {Record<string, string>} */
  const position = {}
  for (const name of ['id', 'sentAt']) {
    if (cursor[name] !== undefined) position[name] = String(cursor[name])
  }
  return position
}
