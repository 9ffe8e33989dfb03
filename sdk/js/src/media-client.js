import { clearCopies } from './clear-copies.js'
import { appOf } from './clients.js'
import { CoreClient } from './core-client.js'
import { failedElements } from './failed-elements.js'
import { fetchFat } from './fetch-fat.js'
import { mediaStatistics, mediaTimings } from './media-statistics.js'
import { mediaWatch } from './media-watch.js'
import { prefetch } from './prefetch.js'
import { tabs } from './tabs.js'

/** @import { Effects } from './effects.js' */
/** @import { MediaStatistics } from './media-statistics.js' */
/** @import { Gone } from './media-watch.js' */
/** @import { WithAttachments } from './prefetch.js' */

/** What an app gets beside its session and its presigned URLs. */
const FEATURES = [mediaWatch, tabs, failedElements, clearCopies, mediaTimings]

/** Sessions and all that shows media, without messages. */
export class MediaClient extends CoreClient {
  /** @param {Partial<Effects>} [effects] replaces parts of the surroundings, for tests */
  constructor(effects = {}) {
    super(effects, FEATURES)
  }

  /**
   * The File Access Token, after the renewal that is on its way if there is one.
   *
   * @param {string} [refused] a token that was answered with 401: if it is still in use, another
   *   one is asked for first
   * @returns {Promise<string | null>} `null` if there is no valid one
   */
  async fetchFat(refused) {
    return fetchFat(appOf(this), refused)
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
    const app = appOf(this)
    const clean = app?.sessions.current ? app.clean(url) : null
    return app && clean !== null ? app.watchClean(clean, listener) : () => {}
  }

  /**
   * Resolves the pictures of messages before they come near the screen, in one call, and loads the
   * smallest version of each into the browser's cache. Never rejects: what fails is asked for again
   * when it is shown.
   *
   * @param {readonly WithAttachments[]} messages
   * @returns {Promise<void>} when all are resolved
   */
  async prefetch(messages) {
    const app = appOf(this)
    if (app !== null) await prefetch(app, messages)
  }

  /**
   * What media cost so far: calls, URLs, renewals, and what the browser had to load of them.
   *
   * @returns {MediaStatistics}
   */
  mediaStatistics() {
    return mediaStatistics(appOf(this))
  }
}
