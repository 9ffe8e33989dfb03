import { Api } from './api.js'
import { apiBase } from './api-host.js'
import { SecureMediaMode } from './constants.js'
import { CometChatException } from './exception.js'
import { refusalOf } from './media-errors.js'
import { cleanMediaUrl, hasFatQueryParam } from './media-url.js'
import { MediaWatch } from './media-watch.js'
import { PresignBatch } from './presign-batch.js'
import { PresignedCache } from './presigned-cache.js'
import { ServerClock } from './server-clock.js'
import { Sessions } from './session.js'
import { AppStorage } from './storage.js'

const RETRY_PAUSE_SECONDS = 30

/** @import { AppSettings } from './app-settings.js' */
/** @import { Effects } from './effects.js' */
/** @import { Gone } from './media-watch.js' */

/** One initialised app: its settings, its session, and its presigned URLs. */
export class App {
  #clock
  #cache = new PresignedCache()
  #batch
  #watch
  /** @type {Promise<void> | null} */
  #asking = null
  /** @type {WeakMap<object, { clean: string, at: number }>} */
  #tried = new WeakMap()

  /**
   * @param {string} appId
   * @param {AppSettings} settings
   * @param {Effects} effects
   * @throws {CometChatException} `ERR_BAD_REQUEST` if the settings name no usable host
   */
  constructor(appId, settings, effects) {
    /** @type {AppSettings} */
    this.settings = settings
    this.appId = appId
    this.effects = effects
    this.#clock = new ServerClock(effects.now)
    const base = baseOf(settings.clientHost, effects)
    const adminBase = settings.adminHost === null ? base : baseOf(settings.adminHost, effects)
    /** @type {Sessions} */
    this.sessions = new Sessions({
      api: new Api(effects.fetch, appId, base),
      adminApi: new Api(effects.fetch, appId, adminBase),
      appId,
      storage: new AppStorage(effects.storage(settings.storageMode), appId),
      clock: this.#clock,
      effects
    })
    this.#batch = new PresignBatch(this.sessions, this.#cache, this.#clock, effects)
    this.#watch = new MediaWatch(this.sessions, effects)
    this.sessions.onChange = () => {
      this.#watch.sessionChanged()
      this.#cache.clear()
      this.#batch.forgetSent()
    }
    this.sessions.restore()
  }

  /**
   * What a URL of a message object reads as now.
   *
   * @param {string} url as the server sent it
   * @returns {string} with the FAT, if the mode is `EMBEDDED` and it is a media URL of this app
   */
  render(url) {
    if (this.settings.secureMediaMode !== SecureMediaMode.EMBEDDED) return url
    const clean = cleanMediaUrl(url, this.sessions.secureMediaHost)
    const fat = clean === null ? null : this.sessions.fat
    return fat === null ? url : `${clean}?fat=${fat}`
  }

  /** Waits for what messages are rendered with, if it is missing and may come. */
  async settle() {
    if (this.settings.secureMediaMode === SecureMediaMode.EMBEDDED) await this.sessions.settleFat()
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
    const clean = cleanMediaUrl(url, this.sessions.secureMediaHost)
    if (clean === null) return url
    this.sessions.renewIfDue()
    if (fresh) this.#cache.drop(clean)
    const cached = this.#cache.get(clean, this.#clock.now())
    const presignedUrl = cached ?? (await this.#batch.add(clean, fresh))
    return presignedUrl === clean ? url : presignedUrl
  }

  /**
   * @param {string} url
   * @param {(gone: Gone) => void} listener
   * @returns {() => void}
   */
  watch(url, listener) {
    const clean = cleanMediaUrl(url, this.sessions.secureMediaHost)
    if (clean === null || this.sessions.current === null) return () => {}
    return this.#watch.watch(clean, listener)
  }

  /**
   * Learns from a URL that a page could not show. An element with a File Access Token in its URL is
   * given one more try, with the token of that moment: what failed may be a copy in the cache whose
   * own token has ended.
   *
   * @param {string} url
   * @param {{ src?: unknown }} element
   * @returns {boolean} whether the element is given another try
   */
  noteFailure(url, element) {
    const clean = cleanMediaUrl(url, this.sessions.secureMediaHost)
    if (clean === null) return false
    // A copy that is newer than the one that failed is kept.
    if (this.#cache.get(clean, this.#clock.now()) === url) this.#cache.drop(clean)
    if (!hasFatQueryParam(url) || this.sessions.fat === null) return false
    const why = this.#askWhy(url)
    const last = this.#tried.get(element)
    const now = this.#clock.now()
    if (element.src !== url || (last?.clean === clean && now - last.at < RETRY_PAUSE_SECONDS)) {
      return false
    }
    this.#tried.set(element, { clean, at: now })
    void why.then(async () => {
      await this.sessions.settleFat()
      if (element.src === url) element.src = this.render(clean)
    })
    return true
  }

  /**
   * Asks why a URL was refused, once for all that fail meanwhile.
   *
   * @param {string} url that carries a FAT
   * @returns {Promise<void>}
   */
  #askWhy(url) {
    const session = this.sessions.current
    const isCurrentFat = () => new URL(url).searchParams.get('fat') === session?.fat?.token
    if (!isCurrentFat()) return this.#asking ?? Promise.resolve()
    this.#asking ??= refusalOf(this.effects.fetch, url).then((details) => {
      this.#asking = null
      if (isCurrentFat()) this.sessions.noteRefusal(details, session)
    })
    return this.#asking
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
