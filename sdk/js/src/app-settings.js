import { SecureMediaMode } from './constants.js'

/** @typedef {0 | 1} SecureMediaModeValue value of `CometChat.SecureMediaMode` */

/** Settings of `CometChat.init`; made by {@link AppSettingsBuilder}. */
export class AppSettings {
  /** Region of the app, such as `us`. @type {string} */
  region = ''
  /** @type {SecureMediaModeValue} */
  secureMediaMode = SecureMediaMode.EMBEDDED
  /** Host of the client API. @type {string | null} */
  clientHost = null
  /** Host of the calls that take an auth key; `null` means the client host. @type {string | null} */
  adminHost = null
  /** @type {'local' | 'session'} */
  storageMode = 'local'
  /** Kept for source compatibility; presence is not offered. @type {string} */
  subscriptionType = 'NONE'
  /** Kept for source compatibility; no socket is opened. @type {boolean} */
  autoEstablishSocketConnection = false
}

/** Collects the settings of an app; each setter gives the builder back. */
export class AppSettingsBuilder {
  #settings = new AppSettings()

  /**
   * Accepted for source compatibility; presence is not offered.
   *
   * @returns {this}
   */
  subscribePresenceForAllUsers() {
    this.#settings.subscriptionType = 'ALL_USERS'
    return this
  }

  /**
   * @param {string} region region of the app, such as `us`
   * @returns {this}
   */
  setRegion(region) {
    this.#settings.region = region
    return this
  }

  /**
   * Accepted for source compatibility; no socket is opened.
   *
   * @param {boolean} establish
   * @returns {this}
   */
  autoEstablishSocketConnection(establish) {
    this.#settings.autoEstablishSocketConnection = establish
    return this
  }

  /**
   * Chooses how media URLs get access. Left out, it is `SecureMediaMode.EMBEDDED`.
   *
   * @param {SecureMediaModeValue} mode value of `CometChat.SecureMediaMode`
   * @returns {this}
   * @throws {TypeError} if `mode` is neither 0 nor 1
   */
  setSecureMediaMode(mode) {
    if (mode !== 0 && mode !== 1) throw new TypeError('that is no SecureMediaMode')
    this.#settings.secureMediaMode = mode
    return this
  }

  /**
   * Names the host of the calls that take an auth key. Left out, it is the client host.
   *
   * @param {string} host as in {@link AppSettingsBuilder.overrideClientHost}
   * @returns {this}
   */
  overrideAdminHost(host) {
    this.#settings.adminHost = host
    return this
  }

  /**
   * Names the host of the API. Required: this SDK has no default host.
   *
   * @param {string} host `host[:port][/path]` means https (a loopback host keeps the page's
   *   scheme); a full URL is taken as it is; without a path, `/v3` is added
   * @returns {this}
   */
  overrideClientHost(host) {
    this.#settings.clientHost = host
    return this
  }

  /**
   * Chooses where the session is kept in a browser. Left out, it is `local`.
   *
   * @param {'local' | 'session'} mode value of `CometChat.StorageMode`
   * @returns {this}
   */
  setStorageMode(mode) {
    this.#settings.storageMode = mode
    return this
  }

  /** @returns {AppSettings} a copy: later calls of the builder do not change it */
  build() {
    return Object.assign(new AppSettings(), this.#settings)
  }
}
