import { createApp } from './app.js'
import { AppSettingsBuilder } from './app-settings.js'
import { announce, appOf, attachApp } from './clients.js'
import { SecureMediaMode, StorageMode } from './constants.js'
import { bindMethods } from './bind-methods.js'
import { defaultEffects } from './effects.js'
import { User } from './entities.js'
import { CometChatException, sessionEnded } from './exception.js'
import { Helper } from './helper.js'
import { liveEntity } from './live-entity.js'

/** @import { App, Feature } from './app.js' */
/** @import { AppSettings } from './app-settings.js' */
/** @import { Effects } from './effects.js' */

/**
 * What became of one URL of `fetchPresignedUrls`: exactly one of `presignedUrl` and `error`.
 *
 * @typedef {{ url: string, presignedUrl: string, error?: undefined }
 *   | { url: string, presignedUrl?: undefined, error: CometChatException }} PresignResult
 */

/**
 * Sessions and media, without messages: what an app needs that brings its own messages. Its methods
 * may be passed on without the client in front.
 */
export class CoreClient {
  /** @type {Effects} */
  #effects
  #features

  SecureMediaMode = SecureMediaMode
  StorageMode = StorageMode
  AppSettingsBuilder = AppSettingsBuilder
  CometChatException = CometChatException
  /** @type {Helper} */
  CometChatHelper

  /**
   * @param {Partial<Effects>} [effects] replaces parts of the surroundings, for tests
   * @param {readonly Feature[]} [features] parts that an app works without
   */
  constructor(effects = {}, features = []) {
    this.#effects = { ...defaultEffects(), ...effects }
    this.#features = features
    bindMethods(this)
    this.CometChatHelper = new Helper(() => appOf(this))
    const { document, window } = this.#effects
    const wake = () => {
      if (document?.visibilityState === 'hidden') return
      appOf(this)?.sessions.renewIfDue()
      announce()
    }
    document?.addEventListener('visibilitychange', wake)
    window?.addEventListener('online', wake)
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
    const app = createApp(appId, settings, this.#effects, this.#features)
    appOf(this)?.sessions.dispose()
    attachApp(this, app)
    return true
  }

  /** @returns {boolean} whether `init` has been called */
  isInitialized() {
    return appOf(this) !== null
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
    const app = initialised(this)
    return toUser(app, (await app.sessions.login(uidOrAuthToken, authKey)).user)
  }

  /** @returns {Promise<User | null>} who is logged in; `null` if nobody is. Asks no server */
  async getLoggedinUser() {
    const app = appOf(this)
    const session = app?.sessions.current
    return session ? toUser(app, session.user) : null
  }

  /**
   * Ends the session: here whatever happens, and at the server.
   *
   * @returns {Promise<Record<string, any>>}
   * @throws {CometChatException} `ERR_NOT_LOGGED_IN`, or what kept the server from hearing of it
   */
  async logout() {
    return initialised(this).sessions.logout()
  }

  /**
   * Tells when a session has ended other than by `logout` here: the server ended it, or another tab
   * logged out. Ask the user to log in again.
   *
   * @param {(error: CometChatException) => void} listener its `code` is `ERR_SESSION_ENDED`
   * @returns {() => void} stops telling
   * @throws {CometChatException} `ERR_BAD_REQUEST` before `init`
   */
  onSessionExpired(listener) {
    return initialised(this).onSession((ended) => {
      if (ended && ended !== 'logout') listener(sessionEnded())
    })
  }

  /**
   * The File Access Token of this session, exactly as it stands in `?fat=`.
   *
   * @returns {string | null} `null` if there is none, it has expired, or it was refused
   */
  getFat() {
    return appOf(this)?.sessions.fat ?? null
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
    return appOf(this)?.presign(url, options?.fresh) ?? url
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
}

/**
 * @param {object} client
 * @returns {App}
 * @throws {CometChatException} `ERR_BAD_REQUEST` before `init`
 */
export function initialised(client) {
  const app = appOf(client)
  if (app !== null) return app
  throw new CometChatException('ERR_BAD_REQUEST', 'call CometChat.init() first')
}

/**
 * @param {App} app
 * @param {any} raw user as the server sent it
 * @returns {User} whose avatar reads with the FAT of that moment
 */
export function toUser(app, raw) {
  return new User(liveEntity(raw, app.render))
}
