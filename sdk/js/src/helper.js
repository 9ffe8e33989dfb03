import { bindMethods } from './bind-methods.js'
import { hasFatQueryParam, isOnHost, stripFatQueryParam } from './media-url.js'

/** @import { App } from './app.js' */

/** What is configured at this moment. Everything here answers at once and never throws. */
export class Helper {
  #app

  /** @param {() => App | null} app the app in use; `null` before `init` */
  constructor(app) {
    this.#app = app
    bindMethods(this)
  }

  /**
   * Whether URLs are to be resolved by `CometChat.fetchPresignedUrl`.
   *
   * @returns {boolean} `true` if the mode is `HEADER_BASED`, a valid FAT exists, and the secure
   *   media host is configured
   */
  isHeaderModeEnabled() {
    const app = this.#app()
    return app?.isEmbedded === false && app.sessions.fat !== null && this.#host !== null
  }

  /**
   * Whether a URL points to the configured secure media host.
   *
   * @param {string} url media URL to check
   * @returns {boolean} `false` also if `url` is no URL, or no such host is configured
   */
  requiresSecureAccess(url) {
    return isOnHost(url, this.#host)
  }

  /**
   * Takes the `fat` query parameter away; gives the URL itself if it has none, or is no URL.
   */
  stripFatQueryParam = stripFatQueryParam

  /** Whether a URL carries a `fat` query parameter. */
  hasFatQueryParam = hasFatQueryParam

  /** @returns {string | null} such as `files-us.example.com`; `null` while none is configured */
  getSecureMediaHost() {
    return this.#host && new URL(this.#host).host
  }

  /**
   * @returns {string | null} where all media URLs of this app begin, such as
   *   `https://files-us.example.com/myapp/media/`; `null` while no host is configured
   */
  getSecureMediaBase() {
    return this.#host
  }

  get #host() {
    return this.#app()?.sessions.secureMediaHost ?? null
  }
}
