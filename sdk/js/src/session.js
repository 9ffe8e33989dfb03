import { createTimer } from './effects.js'
import { CometChatException, invalidResponse, isSessionGone, notLoggedIn } from './exception.js'
import { readFat } from './fat.js'
import { parseSecureMediaHost } from './media-url.js'
import { renewalTime, retryDelay } from './renewal-time.js'

/** @import { Answer, Api, Call } from './api.js' */
/** @import { Effects } from './effects.js' */
/** @import { Fat } from './fat.js' */
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

/** @typedef {ReturnType<typeof createSessions>} Sessions */

/**
 * The session of one app: logs in and out, survives a reload, keeps its FAT fresh by one renewal
 * for all who ask, and ever more slowly on failure.
 *
 * @param {string} appId
 * @param {Api} api
 * @param {string} adminBase takes the calls with an auth key
 * @param {AppStorage} storage
 * @param {ServerClock} clock
 * @param {Effects} effects
 */
export function createSessions(appId, api, adminBase, storage, clock, effects) {
  /** @type {Session | null} */
  let current = null
  let isLoggingIn = false
  let isDisposed = false
  /** The renewal under way. @type {Promise<void> | null} */
  let running = null
  const timer = createTimer(effects)
  let failures = 0
  let retryAt = 0

  const sessions = {
    /** Where protected media begin; `null` while protection is off. @type {string | null} */
    secureMediaHost: null,
    /** The settings of `PUT me`; empty until it was answered. @type {Record<string, unknown>} */
    settings: {},
    /**
     * Called when a session begins (`null`) or has ended, and then with the session that it was.
     *
     * @type {(ended: EndReason | null, session?: Session) => void}
     */
    onChange: () => {},
    /** Settles once the server has heard of the last logout, or could not be reached. @type {Promise<unknown>} */
    loggedOut: Promise.resolve(),
    /** Other tabs with this session. @type {Tabs} */
    tabs: { alone: (work) => work(), tell: () => {} },
    /** Renewals that the server answered. */
    renewals: 0,

    /** @returns {Session | null} */
    get current() {
      return current
    },

    /** @returns {string | null} the compact JWS, or `null` if there is no valid one */
    get fat() {
      renewIfDue()
      const fat = current?.fat
      return fat && fat.expiresAt > clock.now() ? fat.token : null
    },

    /** Takes up the stored session, at once, and asks the server about it in the background. */
    restore() {
      const media = storage.read('media')
      const stored = storage.read('session')
      if (media?.['base'] === api.base) setHost(media['host'])
      // A session of another server stays there: its auth token must not travel here.
      if (stored?.['base'] !== api.base || typeof stored['authToken'] !== 'string') return
      clock.offset = Number(stored['clockOffset']) || 0
      current = newSession(stored['authToken'], Object(stored['user']))
      giveFat(current, stored)
      renew()
    },

    /**
     * @param {string} uidOrAuthToken uid if an `authKey` follows
     * @param {string} [apiKey]
     */
    async login(uidOrAuthToken, apiKey) {
      if (isLoggingIn) {
        throw new CometChatException('LOGIN_IN_PROGRESS')
      }
      isLoggingIn = true
      try {
        let authToken = uidOrAuthToken
        if (apiKey !== undefined) {
          const path = `users/${encodeURIComponent(authToken)}/auth_tokens`
          const { data } = await api.call({ base: adminBase, path, body: {}, apiKey })
          authToken = data?.authToken
          if (typeof authToken !== 'string') throw invalidResponse()
        }
        const session = newSession(authToken)
        const data = await askForMe(session)
        if (isDisposed) throw notLoggedIn()
        current = session
        reset()
        sessions.onChange(null)
        take(session, data)
        return session
      } finally {
        isLoggingIn = false
      }
    },

    /**
     * Ends the session here whatever happens, and at the server if it can be reached.
     *
     * @returns {Promise<Record<string, any>>}
     */
    async logout() {
      const session = present()
      const answer = api.call({ method: 'DELETE', path: 'me', authToken: session.authToken })
      sessions.loggedOut = answer.catch(() => {})
      end(session, 'logout')
      try {
        return (await answer).data ?? {}
      } catch (error) {
        if (isSessionGone(error)) return {}
        throw error
      }
    },

    /**
     * Makes a call in the name of the logged-in user.
     *
     * @param {Call} call
     * @returns {Promise<Answer>}
     */
    call: async (call) => callAs(present(), call),

    /**
     * What a transfer of bytes says to be made in the name of the logged-in user.
     *
     * @returns {{ base: string, headers: Record<string, string> }}
     * @throws {CometChatException} `ERR_NOT_LOGGED_IN`
     */
    credentials: () => ({ base: api.base, headers: api.headers(present().authToken) }),

    end,
    noteRefusal,
    renew,
    renewIfDue,
    schedule,

    /** Waits for a FAT if one is missing and may come; never rejects. */
    async settleFat() {
      if (!sessions.fat && sessions.secureMediaHost) await running
    },

    /** Forgets timers and listeners; the stored session stays. */
    dispose() {
      isDisposed = true
      current = null
      reset()
    }
  }
  return sessions

  /** @returns {Session} @throws {CometChatException} `ERR_NOT_LOGGED_IN` */
  function present() {
    if (!current) throw notLoggedIn()
    return current
  }

  /**
   * @param {Session} session
   * @param {Call} call
   */
  async function callAs(session, call) {
    try {
      const answer = await api.call({ ...call, authToken: session.authToken })
      clock.set(answer.meta?.['serverTime'])
      return answer
    } catch (error) {
      if (isSessionGone(error)) end(session, 'expired')
      else if (error instanceof CometChatException) noteRefusal(error.details, session)
      throw error
    }
  }

  /**
   * @param {Session} session
   * @returns {Promise<any>} what `PUT me` gives
   */
  async function askForMe(session) {
    const { data } = await callAs(session, { method: 'PUT', path: 'me', body: {} })
    if (typeof data?.uid !== 'string') throw invalidResponse()
    return data
  }

  /**
   * Takes the FAT out of use after a refusal that says so, until it is renewed.
   *
   * @param {any} details `details` of the refusal
   * @param {Session | null} [session] whose FAT was refused
   */
  function noteRefusal(details, session = current) {
    if (!session || session !== current || !/^(fat|login)$/.test(details?.refresh)) return
    session.fat = null
    if (isStored(session)) store(session)
    renewIfDue()
  }

  /** @returns {number} seconds by the server's clock; `Infinity` if nothing is to be renewed */
  function dueAt() {
    if (!current || running) return Infinity
    if (!current.isConfirmed) return retryAt
    if (!sessions.secureMediaHost) return Infinity
    return Math.max(current.fat ? renewalTime(current.fat) : 0, retryAt)
  }

  /** Renews in the background if the time has come. */
  function renewIfDue() {
    if (clock.now() >= dueAt()) renew()
  }

  /** Renews, once for all who ask meanwhile. What fails is tried again later. */
  function renew() {
    const session = current
    if (!session || running) return
    /** @param {number} failed */
    const settle = (failed) => {
      if (session !== current) return
      running = null
      failures = failed
      if (!failed) sessions.renewals += 1
      retryAt = clock.now() + retryDelay(failures)
      schedule()
    }
    running = askForFat(session).then(
      () => settle(0),
      () => settle(failures + 1)
    )
  }

  /**
   * Asks the server for the FAT of a session, unless another tab was given one meanwhile.
   *
   * @param {Session} session
   * @returns {Promise<void>}
   * @throws {CometChatException}
   */
  function askForFat(session) {
    const before = session.fat
    return sessions.tabs.alone(async () => {
      const { isConfirmed, fat } = session
      // Another tab was asked in the meantime.
      if (session !== current || (isConfirmed && fat && fat !== before)) return
      if (isConfirmed) {
        const { data } = await callAs(session, { path: 'me/fat', body: {} })
        if (session !== current) return
        giveFat(session, data)
        if (data?.fat === null)
          setHost(null) // protection has been switched off
        else if (!session.fat) throw invalidResponse()
        if (isStored(session)) store(session)
      } else take(session, await askForMe(session))
      sessions.tabs.tell(session)
    })
  }

  /** Begins anew, for another session or for none. */
  function reset() {
    timer()
    running = null
    failures = retryAt = 0
  }

  /** Looks again when the FAT of the present session is due. */
  function schedule() {
    timer(Math.max(dueAt() - clock.now(), 1), () => {
      renewIfDue()
      if (!running) schedule()
    })
  }

  /**
   * @param {Session} session
   * @param {EndReason} reason
   */
  function end(session, reason) {
    if (session !== current) return
    current = null
    reset()
    if (isStored(session)) storage.write('session')
    sessions.onChange(reason, session)
    if (reason !== 'elsewhere') sessions.tabs.tell(session, true)
  }

  /**
   * @param {Session} session
   * @param {any} data what `PUT me` gave
   */
  function take(session, data) {
    if (session !== current) return
    const { authToken, fat, fatExpiresAt, settings, ...user } = data
    if (authToken && typeof authToken === 'string') session.authToken = authToken
    session.user = user
    session.isConfirmed = true
    giveFat(session, data)
    sessions.settings = settings ?? {}
    setHost(settings?.SECURED_MEDIA_HOST)
    store(session)
    schedule()
  }

  /**
   * @param {Session} session
   * @param {any} data of an answer, or what was stored
   */
  function giveFat(session, data) {
    session.fat = readFat(data?.fat, data?.fatExpiresAt, clock.now())
    session.id = session.fat?.sessionId ?? session.id
  }

  /** @param {unknown} setting `SECURED_MEDIA_HOST` */
  function setHost(setting) {
    const host = (sessions.secureMediaHost = parseSecureMediaHost(setting, appId))
    storage.write('media', { base: api.base, host })
  }

  /** @param {Session} session @returns {boolean} whether no other tab stored another one since */
  function isStored({ authToken }) {
    return storage.read('session')?.['authToken'] === authToken
  }

  /** @param {Session} session */
  function store({ authToken, user, fat }) {
    const stored = { base: api.base, authToken, user, clockOffset: clock.offset }
    storage.write('session', { ...stored, fat: fat?.token, fatExpiresAt: fat?.expiresAt })
  }
}

/**
 * @param {string} authToken
 * @param {any} [user]
 * @returns {Session}
 */
function newSession(authToken, user = {}) {
  return { authToken, user, fat: null, id: null, isConfirmed: false }
}
