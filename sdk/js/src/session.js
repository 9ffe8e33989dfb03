import { CometChatException, invalidResponse, isSessionGone, notLoggedIn } from './exception.js'
import { FatRenewal } from './fat-renewal.js'
import { readFat } from './fat.js'
import { parseSecureMediaHost } from './media-url.js'

/** @import { Answer, Api, Call } from './api.js' */
/** @import { Effects } from './effects.js' */
/** @import { Fat } from './fat.js' */
/** @import { SecureMediaHost } from './media-url.js' */
/** @import { ServerClock } from './server-clock.js' */
/** @import { AppStorage } from './storage.js' */

/**
 * One login of one user.
 *
 * @typedef {object} Session
 * @property {string} authToken
 * @property {Record<string, any>} user as the server sent it, without its tokens
 * @property {Fat | null} fat
 * @property {string | null} id as the FATs of it tell; `null` if there never was one
 * @property {boolean} isConfirmed whether the server was asked for it since this page was loaded
 */

/** How a session ended: here by `logout`, by the server, or in another tab. @typedef {'logout' | 'expired' | 'elsewhere'} EndReason */

/**
 * What the tabs of one session do together.
 *
 * @typedef {object} Tabs
 * @property {<T>(work: () => Promise<T>) => Promise<T>} alone runs it while no other tab does
 * @property {(session: Session, hasEnded?: boolean) => void} tell that it was renewed, or has ended
 */

/** The session of one app: logs in and out, survives a reload, keeps its FAT renewed. */
export class Sessions {
  #api
  #adminApi
  #appId
  #storage
  #clock
  /** @type {Session | null} */
  #session = null
  #isLoggingIn = false
  #isDisposed = false

  /** The host that serves protected media; `null` while protection is off. @type {SecureMediaHost | null} */
  secureMediaHost = null
  /** The settings of `PUT me`; empty until it was answered. @type {Record<string, unknown>} */
  settings = {}
  /**
   * Called when a session begins (`null`) or has ended, and then with the session that it was.
   *
   * @type {(ended: EndReason | null, session?: Session) => void}
   */
  onChange = () => {}
  /** Settles once the server has heard of the last logout, or could not be reached. @type {Promise<void>} */
  loggedOut = Promise.resolve()
  /** Other tabs with this session. @type {Tabs} */
  tabs = { alone: (work) => work(), tell: () => {} }

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
    /** Keeps the FAT fresh. */
    this.renewal = new FatRenewal(this, clock, effects)
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
    this.#session = newSession(authToken)
    if (user && typeof user === 'object') this.#session.user = user
    this.#giveFat(this.#session, fat, fatExpiresAt)
    this.renewal.start()
  }

  /** @returns {Session | null} */
  get current() {
    return this.#session
  }

  /** @returns {string | null} the compact JWS, or `null` if there is no valid one */
  get fat() {
    this.renewal.ifDue()
    const fat = this.#session?.fat
    return fat && fat.expiresAt > this.#clock.now() ? fat.token : null
  }

  /**
   * @param {string} uidOrAuthToken uid if an `authKey` follows
   * @param {string} [authKey]
   */
  async login(uidOrAuthToken, authKey) {
    if (this.#isLoggingIn) {
      throw new CometChatException('LOGIN_IN_PROGRESS', 'another login has not finished yet')
    }
    this.#isLoggingIn = true
    try {
      const authToken =
        authKey === undefined ? uidOrAuthToken : await this.#authTokenOf(uidOrAuthToken, authKey)
      const answer = await this.#api.call({ method: 'PUT', path: 'me', body: {}, authToken })
      if (this.#isDisposed) throw notLoggedIn()
      if (!isMe(answer)) throw invalidResponse('no user in the answer')
      const session = newSession(authToken)
      this.#session = session
      this.renewal.reset()
      this.onChange(null)
      this.#takeMe(session, answer)
      return session
    } finally {
      this.#isLoggingIn = false
    }
  }

  /**
   * @param {string} uid
   * @param {string} apiKey
   * @returns {Promise<string>}
   */
  async #authTokenOf(uid, apiKey) {
    const path = `users/${encodeURIComponent(uid)}/auth_tokens`
    const { data } = await this.#adminApi.call({ method: 'POST', path, body: {}, apiKey })
    if (typeof data?.authToken !== 'string') throw invalidResponse('no authToken in the answer')
    return data.authToken
  }

  /** @returns {Session} @throws {CometChatException} `ERR_NOT_LOGGED_IN` */
  get #present() {
    if (this.#session === null) throw notLoggedIn()
    return this.#session
  }

  /**
   * Ends the session here whatever happens, and at the server if it can be reached.
   *
   * @returns {Promise<Record<string, any>>}
   */
  async logout() {
    const session = this.#present
    const answer = this.#api.call({ method: 'DELETE', path: 'me', authToken: session.authToken })
    this.loggedOut = answer.then(
      () => {},
      () => {}
    )
    this.#end(session, 'logout')
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
    return this.#callAs(this.#present, call)
  }

  /**
   * Opens a stream in the name of the logged-in user.
   *
   * @param {Call} call
   * @param {AbortSignal} signal
   */
  async stream(call, signal) {
    const session = this.#present
    try {
      return await this.#api.stream({ ...call, authToken: session.authToken }, signal)
    } catch (error) {
      if (isSessionGone(error)) this.#end(session, 'expired')
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
    return { base: this.#api.base, headers: this.#api.headers(this.#present.authToken) }
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
      if (isSessionGone(error)) this.#end(session, 'expired')
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
    this.renewal.ifDue()
  }

  /** Waits for a FAT if one is missing and may come; never rejects. */
  async settleFat() {
    if (this.fat === null && this.secureMediaHost !== null) await this.renewal.settle()
  }

  /**
   * Asks the server for the FAT of a session, unless another tab was given one meanwhile.
   *
   * @param {Session} session
   * @returns {Promise<void>}
   * @throws {CometChatException}
   */
  renewOnce(session) {
    const before = session.fat
    return this.tabs.alone(async () => {
      const { isConfirmed } = session
      const isDone = isConfirmed && session.fat !== null && session.fat !== before
      if (session !== this.#session || isDone) return // another tab was asked in the meantime
      const call = isConfirmed
        ? { method: /** @type {const} */ ('POST'), path: 'me/fat', body: {} }
        : { method: /** @type {const} */ ('PUT'), path: 'me', body: {} }
      const answer = await this.#callAs(session, call)
      if (isConfirmed) this.#takeFat(session, answer)
      else if (isMe(answer)) this.#takeMe(session, answer)
      this.tabs.tell(session)
    })
  }

  /** @param {Session} session ended by another tab */
  endedElsewhere(session) {
    this.#end(session, 'elsewhere')
  }

  /** Forgets timers and listeners; the stored session stays. */
  dispose() {
    this.#isDisposed = true
    this.#session = null
    this.renewal.reset()
  }

  /**
   * @param {Session} session
   * @param {EndReason} reason
   */
  #end(session, reason) {
    if (session !== this.#session) return
    this.#session = null
    this.renewal.reset()
    if (this.#storage.read('session')?.['authToken'] === session.authToken) {
      this.#storage.remove('session')
    }
    this.onChange(reason, session)
    if (reason !== 'elsewhere') this.tabs.tell(session, true)
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
    this.#giveFat(session, fat, fatExpiresAt)
    this.settings = settings ?? {}
    this.#setHost(settings?.SECURED_MEDIA_HOST)
    this.#storage.write('session', this.#toStored(session))
    this.renewal.schedule()
  }

  /**
   * @param {Session} session
   * @param {Answer} answer of `POST me/fat`
   */
  #takeFat(session, { data }) {
    if (session !== this.#session) return
    this.#giveFat(session, data?.fat, data?.fatExpiresAt)
    if (data?.fat === null)
      this.#setHost(null) // protection has been switched off
    else if (session.fat === null) throw invalidResponse('no FAT in the answer')
    this.#store(session)
  }

  /**
   * @param {Session} session
   * @param {unknown} token
   * @param {unknown} expiresAt
   */
  #giveFat(session, token, expiresAt) {
    session.fat = readFat(token, expiresAt, this.#clock.now())
    session.id = session.fat?.sessionId ?? session.id
  }

  /** @param {unknown} setting `SECURED_MEDIA_HOST` */
  #setHost(setting) {
    this.secureMediaHost = parseSecureMediaHost(setting, this.#appId)
    const host = this.secureMediaHost && setting
    this.#storage.write('media', { base: this.#api.base, host })
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
}

/**
 * @param {string} authToken
 * @returns {Session}
 */
function newSession(authToken) {
  return { authToken, user: {}, fat: null, id: null, isConfirmed: false }
}

/** @param {Answer} answer */
function isMe({ data }) {
  return typeof data?.uid === 'string'
}
