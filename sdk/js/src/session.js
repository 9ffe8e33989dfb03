import { CometChatException, invalidResponse, notLoggedIn } from './exception.js'
import { readFat } from './fat.js'
import { parseSecureMediaHost } from './media-url.js'
import { renewalTime, retryDelay } from './renewal-time.js'

/** @import { Answer, Api, Call } from './api.js' */
/** @import { Effects } from './effects.js' */
/** @import { Fat } from './fat.js' */
/** @import { SecureMediaHost } from './media-url.js' */
/** @import { ServerClock } from './server-clock.js' */
/** @import { AppStorage } from './storage.js' */

/** Timers past 2³¹ ms fire at once, and sleep makes long ones late: look again after an hour. */
const LONGEST_TIMER_MS = 3_600_000

/**
 * One login of one user.
 *
 * @typedef {object} Session
 * @property {string} authToken
 * @property {Record<string, any>} user as the server sent it, without its tokens
 * @property {Fat | null} fat
 * @property {boolean} isConfirmed whether the server was asked for it since this page was loaded
 */

/** The session of one app: logs in and out, survives a reload, keeps its FAT renewed. */
export class Sessions {
  #api
  #adminApi
  #appId
  #storage
  #clock
  #effects
  /** @type {Session | null} */
  #session = null
  /** @type {string | null} */
  #hostSetting = null
  /** @type {Promise<void> | null} */
  #renewal = null
  /** @type {unknown} */
  #timer = null
  #failures = 0
  #retryAt = 0
  #isLoggingIn = false
  #isDisposed = false

  /** The host that serves protected media; `null` while protection is off. @type {SecureMediaHost | null} */
  secureMediaHost = null
  /** The settings of `PUT me`; empty until it was answered. @type {Record<string, unknown>} */
  settings = {}
  /** Called when a session begins or ends. @type {() => void} */
  onChange = () => {}

  /**
   * @param {object} parts
   * @param {Api} parts.api
   * @param {Api} parts.adminApi takes the calls with an auth key
   * @param {string} parts.appId
   * @param {AppStorage} parts.storage
   * @param {ServerClock} parts.clock
   * @param {Effects} parts.effects
   */
  constructor({ api, adminApi, appId, storage, clock, effects }) {
    this.#api = api
    this.#adminApi = adminApi
    this.#appId = appId
    this.#storage = storage
    this.#clock = clock
    this.#effects = effects
  }

  /** Takes up the stored session, at once, and asks the server about it in the background. */
  restore() {
    const media = this.#storage.read('media')
    const stored = this.#storage.read('session')
    if (media?.['base'] === this.#api.base) this.#setHost(media['host'])
    // A session of another server stays there: its auth token must not travel here.
    if (stored?.['base'] !== this.#api.base || typeof stored['authToken'] !== 'string') return
    if (typeof stored['clockOffset'] === 'number') this.#clock.offset = stored['clockOffset']
    const { authToken, user, fat, fatExpiresAt } = stored
    this.#session = {
      authToken,
      user: typeof user === 'object' && user !== null ? user : {},
      fat: readFat(fat, fatExpiresAt, this.#clock.now()),
      isConfirmed: false
    }
    void this.renew()
  }

  /** @returns {Session | null} */
  get current() {
    return this.#session
  }

  /** @returns {string | null} the compact JWS, or `null` if there is no valid one */
  get fat() {
    this.renewIfDue()
    const fat = this.#session?.fat
    return fat && fat.expiresAt > this.#clock.now() ? fat.token : null
  }

  /**
   * @param {string} uid
   * @param {string} authKey
   */
  async loginByKey(uid, authKey) {
    return this.#login(async () => {
      const path = `users/${encodeURIComponent(uid)}/auth_tokens`
      const { data } = await this.#adminApi.call({
        method: 'POST',
        path,
        body: {},
        apiKey: authKey
      })
      if (typeof data?.authToken !== 'string') throw invalidResponse('no authToken in the answer')
      return data.authToken
    })
  }

  /** @param {string} authToken */
  async loginByToken(authToken) {
    return this.#login(async () => authToken)
  }

  /** @param {() => Promise<string>} authTokenOf */
  async #login(authTokenOf) {
    if (this.#isLoggingIn) {
      throw new CometChatException('LOGIN_IN_PROGRESS', 'another login has not finished yet')
    }
    this.#isLoggingIn = true
    try {
      const authToken = await authTokenOf()
      const answer = await this.#api.call({ method: 'PUT', path: 'me', body: {}, authToken })
      if (this.#isDisposed) throw notLoggedIn()
      if (!isMe(answer)) throw invalidResponse('no user in the answer')
      const session = { authToken, user: {}, fat: null, isConfirmed: false }
      this.#begin(session)
      this.#takeMe(session, answer)
      return session
    } finally {
      this.#isLoggingIn = false
    }
  }

  /**
   * Ends the session here whatever happens, and at the server if it can be reached.
   *
   * @returns {Promise<Record<string, any>>}
   */
  async logout() {
    const session = this.#session
    if (session === null) throw notLoggedIn()
    const answer = this.#api.call({ method: 'DELETE', path: 'me', authToken: session.authToken })
    this.#end(session)
    try {
      return (await answer).data ?? {}
    } catch (error) {
      if (isSessionGone(error)) return {}
      throw error
    }
  }

  /**
   * Makes a call in the name of the logged-in user.
   *
   * @param {Call} call
   * @returns {Promise<Answer>}
   */
  async call(call) {
    const session = this.#session
    if (session === null) throw notLoggedIn()
    return this.#callAs(session, call)
  }

  /**
   * Opens a stream in the name of the logged-in user.
   *
   * @param {Call} call
   * @param {AbortSignal} signal
   */
  async stream(call, signal) {
    const session = this.#session
    if (session === null) throw notLoggedIn()
    try {
      return await this.#api.stream({ ...call, authToken: session.authToken }, signal)
    } catch (error) {
      if (isSessionGone(error)) this.#end(session)
      throw error
    }
  }

  /**
   * What a transfer of bytes says to be made in the name of the logged-in user.
   *
   * @returns {{ base: string, headers: Record<string, string> }}
   * @throws {CometChatException} `ERR_NOT_LOGGED_IN`
   */
  credentials() {
    if (this.#session === null) throw notLoggedIn()
    return { base: this.#api.base, headers: this.#api.headers(this.#session.authToken) }
  }

  /**
   * @param {Session} session
   * @param {Call} call
   */
  async #callAs(session, call) {
    try {
      const answer = await this.#api.call({ ...call, authToken: session.authToken })
      if (session === this.#session) this.#clock.set(answer.meta['serverTime'])
      return answer
    } catch (error) {
      if (isSessionGone(error)) this.#end(session)
      else if (error instanceof CometChatException) this.noteRefusal(error.details, session)
      throw error
    }
  }

  /**
   * Takes the FAT out of use after a refusal that says so, until it is renewed.
   *
   * @param {unknown} details `details` of the refusal
   * @param {Session | null} [session] whose FAT was refused
   */
  noteRefusal(details, session = this.#session) {
    const refresh = /** @type {{ refresh?: unknown } | null | undefined} */ (details)?.refresh
    if (session === null || session !== this.#session) return
    if (refresh !== 'fat' && refresh !== 'login') return
    session.fat = null
    this.#store(session)
    this.renewIfDue()
  }

  /** Waits for a FAT if one is missing and may come; never rejects. */
  async settleFat() {
    if (this.fat === null && this.secureMediaHost !== null) await this.#renewal
  }

  /** Renews the FAT in the background if its time has come. */
  renewIfDue() {
    if (this.#clock.now() >= this.#dueAt()) void this.renew()
  }

  /**
   * Renews the FAT, once for all who ask meanwhile. Never rejects: what fails is tried again later.
   *
   * @returns {Promise<void>}
   */
  renew() {
    const session = this.#session
    if (session === null) return Promise.resolve()
    if (this.#renewal !== null) return this.#renewal
    const renewal = this.#renewOnce(session).then(() => {
      if (this.#renewal !== renewal) return
      this.#renewal = null
      this.#schedule()
    })
    this.#renewal = renewal
    return renewal
  }

  /** @param {Session} session */
  async #renewOnce(session) {
    try {
      if (session.isConfirmed) {
        this.#takeFat(
          session,
          await this.#callAs(session, { method: 'POST', path: 'me/fat', body: {} })
        )
      } else {
        const answer = await this.#callAs(session, { method: 'PUT', path: 'me', body: {} })
        if (isMe(answer)) this.#takeMe(session, answer)
      }
      if (session === this.#session) this.#failures = 0
    } catch {
      if (session === this.#session) this.#failures += 1
    }
    if (session !== this.#session) return
    this.#retryAt = this.#clock.now() + retryDelay(this.#failures)
  }

  /** Forgets timers and listeners; the stored session stays. */
  dispose() {
    this.#isDisposed = true
    this.#session = null
    this.#renewal = null
    this.#effects.clearTimeout(this.#timer)
  }

  /** @param {Session} session */
  #begin(session) {
    this.#session = session
    this.#renewal = null
    this.#failures = 0
    this.#retryAt = 0
    this.onChange()
  }

  /** @param {Session} session */
  #end(session) {
    if (session !== this.#session) return
    this.#session = null
    this.#renewal = null
    this.#effects.clearTimeout(this.#timer)
    if (this.#storage.read('session')?.['authToken'] === session.authToken) {
      this.#storage.remove('session')
    }
    this.onChange()
  }

  /**
   * @param {Session} session
   * @param {Answer} answer of `PUT me`
   */
  #takeMe(session, { data, meta }) {
    if (session !== this.#session) return
    this.#clock.set(meta['serverTime'])
    const { authToken, fat, fatExpiresAt, settings, ...user } = data
    if (typeof authToken === 'string' && authToken !== '') session.authToken = authToken
    session.user = user
    session.isConfirmed = true
    session.fat = readFat(fat, fatExpiresAt, this.#clock.now())
    this.settings = settings ?? {}
    this.#setHost(settings?.SECURED_MEDIA_HOST)
    this.#storage.write('session', this.#toStored(session))
    this.#schedule()
  }

  /**
   * @param {Session} session
   * @param {Answer} answer of `POST me/fat`
   */
  #takeFat(session, { data }) {
    if (session !== this.#session) return
    session.fat = readFat(data?.fat, data?.fatExpiresAt, this.#clock.now())
    if (data?.fat === null)
      this.#setHost(null) // protection has been switched off
    else if (session.fat === null) throw invalidResponse('no FAT in the answer')
    this.#store(session)
  }

  /** @param {unknown} setting `SECURED_MEDIA_HOST` */
  #setHost(setting) {
    this.secureMediaHost = parseSecureMediaHost(setting, this.#appId)
    this.#hostSetting = this.secureMediaHost && String(setting)
    this.#storage.write('media', { base: this.#api.base, host: this.#hostSetting })
  }

  /**
   * Stores the session unless another tab stored another one since.
   *
   * @param {Session} session
   */
  #store(session) {
    const stored = this.#storage.read('session')
    if (stored?.['authToken'] !== session.authToken) return
    this.#storage.write('session', this.#toStored(session))
  }

  /** @param {Session} session */
  #toStored({ authToken, user, fat }) {
    return {
      base: this.#api.base,
      authToken,
      user,
      fat: fat?.token ?? null,
      fatExpiresAt: fat?.expiresAt ?? null,
      clockOffset: this.#clock.offset
    }
  }

  /** @returns {number} seconds by the server's clock; `Infinity` if nothing is to be renewed */
  #dueAt() {
    const session = this.#session
    if (session === null || this.#isDisposed || this.#renewal !== null) return Infinity
    if (!session.isConfirmed) return this.#retryAt
    if (this.secureMediaHost === null) return Infinity
    return Math.max(session.fat === null ? 0 : renewalTime(session.fat), this.#retryAt)
  }

  #schedule() {
    this.#effects.clearTimeout(this.#timer)
    const wait = (this.#dueAt() - this.#clock.now()) * 1000
    if (wait === Infinity) return
    const timer = this.#effects.setTimeout(
      () => {
        this.renewIfDue()
        if (this.#renewal === null) this.#schedule()
      },
      Math.min(Math.max(wait, 1000), LONGEST_TIMER_MS)
    )
    // In Node a timer would keep the process alive.
    const handle = /** @type {{ unref?: () => void } | null} */ (timer)
    if (typeof handle?.unref === 'function') handle.unref()
    this.#timer = timer
  }
}

/** @param {Answer} answer */
function isMe({ data }) {
  return typeof data?.uid === 'string'
}

/**
 * @param {unknown} error
 * @returns {boolean} whether the server no longer knows the session
 */
export function isSessionGone(error) {
  return error instanceof CometChatException && error.code === 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND'
}
