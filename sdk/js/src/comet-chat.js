import { App } from './app.js'
import { AppSettingsBuilder } from './app-settings.js'
import * as constants from './constants.js'
import { defaultEffects } from './effects.js'
import { Group, User } from './entities.js'
import { CometChatException, invalidResponse, notLoggedIn } from './exception.js'
import { Helper } from './helper.js'
import { liveEntity, liveMessage } from './live-urls.js'
import { watchMediaErrors } from './media-errors.js'
import { MessagesRequestBuilder } from './messages-request.js'
import { Attachment, BaseMessage, MediaMessage, TextMessage, messageFrom } from './messages.js'
import { sendCall } from './send-message.js'
import { UploadFileListener } from './upload-listener.js'
import { UploadFileRequest } from './upload-request.js'
import { Uploads } from './uploads.js'

/** @import { Call } from './api.js' */
/** @import { AppSettings } from './app-settings.js' */
/** @import { Effects } from './effects.js' */
/** @import { Gone } from './media-watch.js' */

/**
 * What became of one URL of `fetchPresignedUrls`: exactly one of `presignedUrl` and `error`.
 *
 * @typedef {{ url: string, presignedUrl: string, error?: undefined }
 *   | { url: string, presignedUrl?: undefined, error: CometChatException }} PresignResult
 */

/** Everything an app calls. Its methods may be passed on without `CometChat.` in front. */
export class Client {
  /** @type {Effects} */
  #effects
  /** @type {App | null} */
  #app = null

  SecureMediaMode = constants.SecureMediaMode
  RECEIVER_TYPE = constants.RECEIVER_TYPE
  MESSAGE_TYPE = constants.MESSAGE_TYPE
  CATEGORY = constants.CATEGORY
  CATEGORY_MESSAGE = constants.CATEGORY.MESSAGE
  GROUP_TYPE = constants.GROUP_TYPE
  StorageMode = constants.StorageMode
  AppSettingsBuilder = AppSettingsBuilder
  Attachment = Attachment
  BaseMessage = BaseMessage
  CometChatException = CometChatException
  Group = Group
  MediaMessage = MediaMessage
  TextMessage = TextMessage
  UploadFileListener = UploadFileListener
  User = User
  /** @type {new () => MessagesRequestBuilder} */
  MessagesRequestBuilder
  /** @type {Helper} */
  CometChatHelper

  /** @param {Partial<Effects>} [effects] replaces parts of the surroundings, for tests */
  constructor(effects = {}) {
    this.#effects = { ...defaultEffects(), ...effects }
    bindMethods(this)
    this.CometChatHelper = new Helper(() => this.#app)
    const source = {
      read: (/** @type {string} */ path) => this.#read(path),
      toMessage: (/** @type {unknown} */ raw) => this.#toMessage(raw)
    }
    this.MessagesRequestBuilder = class extends MessagesRequestBuilder {
      constructor() {
        super(source)
      }
    }
    const { document, window } = this.#effects
    watchMediaErrors(document, (url, it) => this.#app?.noteFailure(url, it) ?? false)
    document?.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'hidden') this.#app?.sessions.renewIfDue()
    })
    window?.addEventListener('online', () => this.#app?.sessions.renewIfDue())
  }

  /**
   * Prepares one app, and takes up a session that was stored before, without waiting for the
   * server.
   *
   * @param {string} appId
   * @param {AppSettings} settings made by `CometChat.AppSettingsBuilder`
   * @returns {Promise<boolean>} `true`
   * @throws {CometChatException} `ERR_BAD_REQUEST` without an app id, or without
   *   `overrideClientHost`: there is no default host
   */
  async init(appId, settings) {
    if (typeof appId !== 'string' || !/^[a-z0-9]{4,32}$/.test(appId)) {
      throw new CometChatException('ERR_BAD_REQUEST', 'an app id has 4 to 32 of a-z and 0-9')
    }
    const app = new App(appId, settings, this.#effects)
    this.#app?.sessions.dispose()
    this.#app = app
    return true
  }

  /** @returns {boolean} whether `init` has been called */
  isInitialized() {
    return this.#app !== null
  }

  /**
   * Logs a user in, by an auth token of the app's back end, or by uid and auth key.
   *
   * @param {string} uidOrAuthToken uid if an `authKey` follows, else an auth token
   * @param {string} [authKey] for development only: whoever holds it can be anybody
   * @returns {Promise<User>}
   * @throws {CometChatException} `ERR_NETWORK`, `ERR_INVALID_RESPONSE`, `LOGIN_IN_PROGRESS`, or
   *   the server's code
   */
  async login(uidOrAuthToken, authKey) {
    const { sessions } = this.#initialised()
    const session = await (authKey === undefined
      ? sessions.loginByToken(uidOrAuthToken)
      : sessions.loginByKey(uidOrAuthToken, authKey))
    return this.#toUser(session.user)
  }

  /** @returns {Promise<User | null>} who is logged in; `null` if nobody is. Asks no server */
  async getLoggedinUser() {
    const session = this.#app?.sessions.current ?? null
    return session === null ? null : this.#toUser(session.user)
  }

  /**
   * Ends the session: here whatever happens, and at the server.
   *
   * @returns {Promise<Record<string, any>>}
   * @throws {CometChatException} `ERR_NOT_LOGGED_IN`, or what kept the server from hearing of it
   */
  async logout() {
    return this.#initialised().sessions.logout()
  }

  /**
   * The File Access Token of this session, exactly as it stands in `?fat=`.
   *
   * @returns {string | null} `null` if there is none, it has expired, or it was refused
   */
  getFat() {
    return this.#app?.sessions.fat ?? null
  }

  /**
   * The File Access Token, after the renewal that is on its way if there is one.
   *
   * @param {string} [refused] a token that was answered with 401: if it is still in use, another
   *   one is asked for first
   * @returns {Promise<string | null>} `null` if there is no valid one
   */
  async fetchFat(refused) {
    return this.#app?.fetchFat(refused) ?? null
  }

  /**
   * Resolves a clean media URL to one that opens without headers, for a limited time.
   *
   * Gives `url` back unchanged, and never throws, when there is nothing to resolve: it is not a
   * URL, it is no media URL of this app, or protection is off for this app.
   *
   * @param {string} url media URL of a message
   * @param {{ fresh?: boolean }} [options] `fresh`: ask the server even if a URL is cached
   * @returns {Promise<string>}
   * @throws {CometChatException} `ERR_NETWORK` or `ERR_INVALID_RESPONSE` if asking again may
   *   help, `ERR_NOT_LOGGED_IN` if the session has ended, or why this file is refused
   */
  async fetchPresignedUrl(url, options) {
    return this.#app === null ? url : this.#app.presign(url, options?.fresh === true)
  }

  /**
   * Resolves many media URLs at once; one that fails does not fail the others.
   *
   * @param {string[]} urls
   * @returns {Promise<PresignResult[]>} in the order of `urls`
   */
  async fetchPresignedUrls(urls) {
    return Promise.all(
      urls.map((url) =>
        this.fetchPresignedUrl(url).then(
          (presignedUrl) => ({ url, presignedUrl }),
          (error) => ({ url, error })
        )
      )
    )
  }

  /**
   * Tells when a medium that is on the screen may not be seen any more: it was taken back, the
   * user was removed from its conversation, or the session has ended. Take it off the screen then.
   *
   * Nothing is watched, and nothing told, where the URL is no protected medium of this app.
   *
   * @param {string} url media URL of a message, with or without its token
   * @param {(gone: Gone) => void} listener called at most once
   * @returns {() => void} stops watching; call it when the medium leaves the page
   */
  watchMedia(url, listener) {
    return this.#app?.watch(url, listener) ?? (() => {})
  }

  /**
   * @param {TextMessage} message
   * @returns {Promise<BaseMessage>} the message as the server has it
   * @throws {CometChatException}
   */
  async sendMessage(message) {
    const { data } = await this.#call(sendCall(message))
    return this.#toMessage(data)
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
    return new UploadFileRequest(new Uploads(this.#initialised()), receiverId, receiverType)
  }

  /** @returns {Promise<number>} files that a message may carry, as the settings of the app say */
  async getMaxAttachmentCount() {
    return new Uploads(this.#initialised()).limits.fileCountMax
  }

  /**
   * Uploads the files of a message and sends it.
   *
   * @param {MediaMessage} message
   * @returns {Promise<MediaMessage>} the message as the server has it
   * @throws {CometChatException}
   */
  async sendMediaMessage(message) {
    const { data } = await this.#call(sendCall(message))
    const sent = this.#toMessage(data)
    if (!(sent instanceof MediaMessage)) throw invalidResponse('the answer is no media message')
    return sent
  }

  /**
   * @param {string | number} messageId
   * @returns {Promise<BaseMessage>} the message as it is now, deleted
   * @throws {CometChatException}
   */
  async deleteMessage(messageId) {
    const path = `messages/${encodeURIComponent(messageId)}`
    const { data } = await this.#call({ method: 'DELETE', path, body: { id: String(messageId) } })
    return this.#toMessage(data?.data?.entities?.on?.entity ?? data)
  }

  /**
   * @param {string | number} messageId
   * @returns {Promise<BaseMessage>}
   * @throws {CometChatException}
   */
  async getMessageDetails(messageId) {
    const { data } = await this.#read(`messages/${encodeURIComponent(messageId)}`)
    return this.#toMessage(data)
  }

  /**
   * @param {string} uid
   * @returns {Promise<User>}
   * @throws {CometChatException}
   */
  async getUser(uid) {
    return this.#toUser((await this.#read(`users/${encodeURIComponent(uid)}`)).data)
  }

  /**
   * @param {Group} group
   * @returns {Promise<Group>}
   * @throws {CometChatException}
   */
  async createGroup(group) {
    return this.#toGroup((await this.#call({ method: 'POST', path: 'groups', body: group })).data)
  }

  /**
   * @param {string} guid
   * @returns {Promise<Group>}
   * @throws {CometChatException}
   */
  async getGroup(guid) {
    return this.#toGroup((await this.#read(`groups/${encodeURIComponent(guid)}`)).data)
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
    const body = password === undefined ? { guid, type } : { guid, type, password }
    const { data } = await this.#call({ method: 'POST', path, body })
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

  /** @returns {App} */
  #initialised() {
    if (this.#app !== null) return this.#app
    throw new CometChatException('ERR_BAD_REQUEST', 'call CometChat.init() first')
  }

  /** @param {string} path */
  #read(path) {
    return this.#call({ method: 'GET', path })
  }

  /** @param {Call} call */
  async #call(call) {
    const app = this.#initialised()
    if (app.sessions.current === null) throw notLoggedIn()
    const answer = await app.sessions.call(call)
    await app.settle()
    return answer
  }

  /** @param {string} url */
  #render = (url) => this.#app?.render(url) ?? url

  /** @param {unknown} raw */
  #toMessage(raw) {
    return messageFrom(liveMessage(raw, this.#render))
  }

  /** @param {any} raw */
  #toUser(raw) {
    return new User(liveEntity(raw, this.#render))
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

/** @param {any} client */
function bindMethods(client) {
  for (const name of Object.getOwnPropertyNames(Client.prototype)) {
    if (name !== 'constructor') client[name] = client[name].bind(client)
  }
}
