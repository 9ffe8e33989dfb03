import { appOf } from './clients.js'
import * as constants from './constants.js'
import { initialised, toUser } from './core-client.js'
import { Group, User } from './entities.js'
import { invalidResponse, notLoggedIn } from './exception.js'
import { liveEntity } from './live-entity.js'
import { liveMessage } from './live-urls.js'
import { MediaClient } from './media-client.js'
import { MessagesRequestBuilder } from './messages-request.js'
import { Attachment, BaseMessage, MediaMessage, TextMessage, messageFrom } from './messages.js'
import { sendCall } from './send-message.js'
import { UploadFileListener } from './upload-listener.js'
import { UploadFileRequest, uploadLimits } from './upload-request.js'

/** @import { Call } from './api.js' */
/** @import { Effects } from './effects.js' */

/** Everything an app calls. Its methods may be passed on without `CometChat.` in front. */
export class Client extends MediaClient {
  RECEIVER_TYPE = constants.RECEIVER_TYPE
  MESSAGE_TYPE = constants.MESSAGE_TYPE
  CATEGORY = constants.CATEGORY
  CATEGORY_MESSAGE = constants.CATEGORY.MESSAGE
  GROUP_TYPE = constants.GROUP_TYPE
  Attachment = Attachment
  BaseMessage = BaseMessage
  Group = Group
  MediaMessage = MediaMessage
  TextMessage = TextMessage
  UploadFileListener = UploadFileListener
  User = User
  /** @type {new () => MessagesRequestBuilder} */
  MessagesRequestBuilder

  /** @param {Partial<Effects>} [effects] replaces parts of the surroundings, for tests */
  constructor(effects = {}) {
    super(effects)
    this.MessagesRequestBuilder = MessagesRequestBuilder.bind(
      null,
      async (/** @type {string} */ path) => {
        const { data, meta } = await this.#call({ path })
        if (!Array.isArray(data)) throw invalidResponse()
        return { messages: data.map((raw) => this.#toMessage(raw)), cursor: meta?.['cursor'] }
      }
    )
  }

  /**
   * @param {TextMessage} message
   * @returns {Promise<BaseMessage>} the message as the server has it
   * @throws {CometChatException}
   */
  async sendMessage(message) {
    return this.#send(message)
  }

  /**
   * Files to upload before the message that will carry them, with progress, pause and resume:
   * `uploadAttachments`, then `setAttachments(request.getAttachments())` of a media message.
   *
   * @param {string} receiverId
   * @param {string} receiverType value of `CometChat.RECEIVER_TYPE`
   * @returns {UploadFileRequest}
   */
  createUploadFileRequest(receiverId, receiverType) {
    return new UploadFileRequest(initialised(this), receiverId, receiverType)
  }

  /** @returns {Promise<number>} files that a message may carry, as the settings of the app say */
  async getMaxAttachmentCount() {
    return uploadLimits(initialised(this))[1]
  }

  /**
   * Uploads the files of a message and sends it.
   *
   * @param {MediaMessage} message
   * @returns {Promise<MediaMessage>} the message as the server has it
   * @throws {CometChatException}
   */
  async sendMediaMessage(message) {
    const sent = await this.#send(message)
    if (!(sent instanceof MediaMessage)) throw invalidResponse()
    return sent
  }

  /**
   * @param {string | number} messageId
   * @returns {Promise<BaseMessage>} the message as it is now, deleted
   * @throws {CometChatException}
   */
  async deleteMessage(messageId) {
    const path = `messages/${encodeURIComponent(messageId)}`
    const body = { id: String(messageId) }
    const data = await this.#dataOf({ method: 'DELETE', path, body })
    return this.#toMessage(data?.data?.entities?.on?.entity ?? data)
  }

  /**
   * @param {string | number} messageId
   * @returns {Promise<BaseMessage>}
   * @throws {CometChatException}
   */
  async getMessageDetails(messageId) {
    return this.#toMessage(
      await this.#dataOf({ path: `messages/${encodeURIComponent(messageId)}` })
    )
  }

  /**
   * @param {string} uid
   * @returns {Promise<User>}
   * @throws {CometChatException}
   */
  async getUser(uid) {
    const data = await this.#dataOf({ path: `users/${encodeURIComponent(uid)}` })
    return toUser(initialised(this), data)
  }

  /**
   * @param {Group} group
   * @returns {Promise<Group>}
   * @throws {CometChatException}
   */
  async createGroup(group) {
    return this.#toGroup(await this.#dataOf({ path: 'groups', body: group }))
  }

  /**
   * @param {string} guid
   * @returns {Promise<Group>}
   * @throws {CometChatException}
   */
  async getGroup(guid) {
    return this.#toGroup(await this.#dataOf({ path: `groups/${encodeURIComponent(guid)}` }))
  }

  /**
   * @param {string} guid
   * @param {string} [type] value of `CometChat.GROUP_TYPE`
   * @param {string} [password] of a group of type `password`
   * @returns {Promise<Group>}
   * @throws {CometChatException}
   */
  async joinGroup(guid, type = 'public', password) {
    const path = `groups/${encodeURIComponent(guid)}/members`
    const body = { guid, type, password }
    const data = await this.#dataOf({ path, body })
    return this.#toGroup(data?.data?.entities?.for?.entity ?? { guid, type })
  }

  /**
   * @param {string} guid
   * @returns {Promise<boolean>} `true`
   * @throws {CometChatException}
   */
  async leaveGroup(guid) {
    await this.#call({ method: 'DELETE', path: `groups/${encodeURIComponent(guid)}/members` })
    return true
  }

  /**
   * @param {string} guid
   * @param {string} uid
   * @returns {Promise<boolean>} `true`
   * @throws {CometChatException}
   */
  async kickGroupMember(guid, uid) {
    const path = `groups/${encodeURIComponent(guid)}/members/${encodeURIComponent(uid)}`
    await this.#call({ method: 'DELETE', path })
    return true
  }

  /** @param {BaseMessage} message */
  async #send(message) {
    return this.#toMessage(await this.#dataOf(sendCall(message)))
  }

  /** @param {Call} call @returns {Promise<any>} */
  async #dataOf(call) {
    return (await this.#call(call)).data
  }

  /** @param {Call} call */
  async #call(call) {
    const app = initialised(this)
    if (app.sessions.current === null) throw notLoggedIn()
    const answer = await app.sessions.call(call)
    // So that messages read with the FAT at once.
    if (app.isEmbedded) await app.sessions.settleFat()
    return answer
  }

  /** @param {string} url */
  #render = (url) => appOf(this)?.render(url) ?? url

  /** @param {unknown} raw */
  #toMessage(raw) {
    return messageFrom(liveMessage(raw, this.#render))
  }

  /** @param {any} raw */
  #toGroup(raw) {
    return new Group(liveEntity(raw, this.#render))
  }
}

/**
 * A client of its own, with its own session and caches.
 *
 * @param {Partial<Effects>} [effects] replaces parts of the surroundings, for tests
 * @returns {Client}
 */
export function createCometChat(effects) {
  return new Client(effects)
}
