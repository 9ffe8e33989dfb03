import { createApi } from './api.js'
import { apiBase } from './api-host.js'
import { SecureMediaMode } from './constants.js'
import { CometChatException } from './exception.js'
import { cleanMediaUrl } from './media-url.js'
import { createPresigner } from './presign-batch.js'
import { createClock } from './server-clock.js'
import { createSessions } from './session.js'
import { createStorage } from './storage.js'

/** @import { AppSettings } from './app-settings.js' */
/** @import { Effects } from './effects.js' */
/** @import { Gone } from './media-watch.js' */
/** @import { EndReason, Session } from './session.js' */

/**
 * A part that an app works without: it takes hold of the app's slots and session.
 *
 * @typedef {(app: App) => void} Feature
 */

/**
 * A copy of a medium in this browser.
 *
 * @typedef {{ url: string, release: () => void }} LocalCopy
 */

/** One initialised app: its settings, its session, and its presigned URLs. */
export class App {
  /** @type {Set<(ended: EndReason | null, session?: Session) => void>} */
  #sessionListeners = new Set()

  /**
   * Watches a medium on the screen; nothing is told unless a feature took this slot.
   *
   * @type {(clean: string, listener: (gone: Gone) => void) => () => void}
   */
  watchClean = () => () => {}
  /**
   * Opens an image by a copy that the host confirmed; left out unless the app keeps bytes.
   *
   * @type {((url: string) => Promise<LocalCopy | null>) | undefined}
   */
  localCopy
  /** URLs whose host is being asked why. @type {Map<string, Promise<CometChatException | null>>} */
  asking = new Map()
  /** Copies that were confirmed, and what they weigh. */
  counts = { copiesConfirmed: 0, copyBytesSaved: 0 }

  /**
   * @param {string} appId
   * @param {AppSettings} settings
   * @param {Effects} effects
   * @param {readonly Feature[]} features
   * @throws {CometChatException} `ERR_BAD_REQUEST` if the settings name no usable host
   */
  constructor(appId, settings, effects, features) {
    this.appId = appId
    this.settings = settings
    this.effects = effects
    this.clock = createClock(effects.now)
    const base = baseOf(settings.clientHost, effects)
    this.storage = createStorage(effects.storage(settings.storageMode), appId)
    this.sessions = createSessions(
      appId,
      createApi(effects.fetch, appId, base),
      settings.adminHost === null ? base : baseOf(settings.adminHost, effects),
      this.storage,
      this.clock,
      effects
    )
    this.presigned = createPresigner(this.sessions, this.clock, effects)
    for (const attach of features) attach(this)
    this.sessions.onChange = (ended, session) => {
      this.presigned.clear()
      for (const listener of [...this.#sessionListeners]) listener(ended, session)
    }
    this.sessions.restore()
  }

  /**
   * @param {(ended: EndReason | null, session?: Session) => void} listener called with `null`
   *   when a session begins, else with how it ended
   * @returns {() => void} stops it
   */
  onSession(listener) {
    this.#sessionListeners.add(listener)
    return () => void this.#sessionListeners.delete(listener)
  }

  /**
   * @param {unknown} url
   * @returns {string | null} the clean media URL; `null` if it is no protected media of this app
   */
  clean(url) {
    return cleanMediaUrl(url, this.sessions.secureMediaHost)
  }

  /** @returns {boolean} */
  get isEmbedded() {
    return this.settings.secureMediaMode === SecureMediaMode.EMBEDDED
  }

  /**
   * What a URL of a message object reads as now.
   *
   * @param {string} url as the server sent it
   * @returns {string} with the FAT, if the mode is `EMBEDDED` and it is a media URL of this app
   */
  render(url) {
    if (!this.isEmbedded) return url
    const clean = this.clean(url)
    const fat = clean === null ? null : this.sessions.fat
    return fat === null ? url : `${clean}?fat=${fat}`
  }

  /**
   * @param {string} url
   * @param {boolean} [fresh]
   * @returns {Promise<string>}
   */
  async presign(url, fresh) {
    const { sessions, presigned } = this
    const clean = this.clean(url)
    if (clean === null) return url
    sessions.renewIfDue()
    if (fresh) presigned.drop(clean)
    const opens = presigned.get(clean) ?? (await presigned.ask(clean, fresh))
    return opens === clean ? url : opens
  }
}

/**
 * @param {string | null} host
 * @param {Effects} effects
 */
function baseOf(host, effects) {
  const base = host && apiBase(host, effects.pageProtocol)
  if (base) return base
  throw new CometChatException('ERR_BAD_REQUEST', 'overrideClientHost() names no host')
}
