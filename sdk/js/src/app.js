import { Api } from './api.js'
import { apiBase } from './api-host.js'
import { SecureMediaMode } from './constants.js'
import { CometChatException, notLoggedIn, sessionEnded } from './exception.js'
import { cleanMediaUrl } from './media-url.js'
import { PresignBatch } from './presign-batch.js'
import { PresignedCache } from './presigned-cache.js'
import { refusalOf } from './refusal-of.js'
import { ServerClock } from './server-clock.js'
import { Sessions } from './session.js'
import { AppStorage } from './storage.js'

/** How long URLs that were refused wait for others, so that one call asks for all. */
const GATHER_MS = 50

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
 * A URL that opens now.
 *
 * @typedef {{ url: string, expiresAt: number }} Opens `expiresAt` in seconds by the server's
 *   clock, `Infinity` if it never does
 */

/**
 * A copy of a medium in this browser.
 *
 * @typedef {{ url: string, release: () => void }} LocalCopy
 */

/** One initialised app: its settings, its session, and its presigned URLs. */
export class App {
  #asking = new Map()
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
    this.clock = new ServerClock(effects.now)
    const base = baseOf(settings.clientHost, effects)
    const adminBase = settings.adminHost === null ? base : baseOf(settings.adminHost, effects)
    this.sessions = new Sessions({
      api: new Api(effects.fetch, appId, base),
      adminApi: new Api(effects.fetch, appId, adminBase),
      appId,
      storage: new AppStorage(effects.storage(settings.storageMode), appId),
      clock: this.clock,
      effects
    })
    this.presigned = new PresignedCache()
    this.batch = new PresignBatch(this.sessions, this.presigned, this.clock, effects)
    for (const attach of features) attach(this)
    this.sessions.onChange = (ended, session) => {
      this.presigned.clear()
      this.batch.forgetSent()
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

  /** Waits for what messages are rendered with, if it is missing and may come. */
  async settle() {
    if (this.isEmbedded) await this.sessions.settleFat()
  }

  /**
   * @param {string} [refused]
   * @returns {Promise<string | null>}
   */
  async fetchFat(refused) {
    const { sessions } = this
    if (refused !== undefined && sessions.fat === refused) sessions.noteRefusal({ refresh: 'fat' })
    await sessions.settleFat()
    return sessions.fat
  }

  /**
   * @param {string} url
   * @param {boolean} fresh
   * @returns {Promise<string>}
   */
  async presign(url, fresh) {
    const clean = this.clean(url)
    if (clean === null) return url
    this.sessions.renewal.ifDue()
    if (fresh) this.presigned.drop(clean)
    const cached = this.presigned.get(clean, this.clock.now())
    const presignedUrl = cached ?? (await this.batch.add(clean, fresh))
    return presignedUrl === clean ? url : presignedUrl
  }

  /**
   * The URL by which an element loads a medium, as the secure media mode wants it.
   *
   * @param {string} url media URL, with or without a credential
   * @param {string | null} [used] one that was refused, or is about to end
   * @returns {Promise<Opens>}
   * @throws {CometChatException}
   */
  async open(url, used = null) {
    const clean = this.clean(url)
    if (clean === null) return { url, expiresAt: Infinity }
    if (!this.isEmbedded) {
      // One that is newer is kept. Where one is refused, others are: they are asked for together.
      if (used !== null && this.presigned.get(clean, this.clock.now()) === used) {
        this.presigned.drop(clean)
        await new Promise((resolve) => this.effects.setTimeout(() => resolve(null), GATHER_MS))
      }
      return { url: await this.presign(clean, false), expiresAt: this.presigned.expiresAt(clean) }
    }
    await this.sessions.settleFat()
    const opens = this.render(clean)
    if (opens !== clean)
      return { url: opens, expiresAt: this.sessions.current?.fat?.expiresAt ?? 0 }
    if (this.sessions.current === null) throw notLoggedIn()
    throw new CometChatException('ERR_NETWORK', 'there is no File Access Token at the moment')
  }

  /**
   * Asks the secure media host why a URL does not open, once for all that fail meanwhile, and
   * takes a refused FAT out of use.
   *
   * @param {string} url as it was loaded
   * @returns {Promise<CometChatException | null>} `null` if it opens
   */
  whyRefused(url) {
    const known = this.#asking.get(url)
    if (known !== undefined) return known
    const session = this.sessions.current
    const { fat } = session ?? {}
    const asking = refusalOf(this.effects.fetch, url).then((why) => {
      this.#asking.delete(url)
      const isPresent = fat != null && fat === session?.fat && url.includes(`fat=${fat.token}`)
      if (isPresent) this.sessions.noteRefusal(why?.details, session)
      return why
    })
    this.#asking.set(url, asking)
    return asking
  }

  /**
   * @param {(error: CometChatException) => void} listener
   * @returns {() => void} stops it
   */
  onSessionExpired(listener) {
    return this.onSession((ended) => {
      if (ended !== null && ended !== 'logout') listener(sessionEnded())
    })
  }
}

/**
 * @param {string | null} host
 * @param {Effects} effects
 */
function baseOf(host, effects) {
  const base = host === null ? null : apiBase(host, effects.pageProtocol)
  if (base !== null) return base
  throw new CometChatException(
    'ERR_BAD_REQUEST',
    'there is no default host: name yours with AppSettingsBuilder.overrideClientHost()'
  )
}
