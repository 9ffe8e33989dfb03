import { createApi } from './api.js'
import { apiBase } from './api-host.js'
import { SecureMediaMode } from './constants.js'
import { CometChatException } from './exception.js'
import { cleanMediaUrl } from './media-url.js'
import { noLoads } from './media-statistics.js'
import { createPresigner } from './presign-batch.js'
import { createClock } from './server-clock.js'
import { createSessions } from './session.js'
import { createStorage } from './storage.js'

/** @import { AppSettings } from './app-settings.js' */
/** @import { Effects } from './effects.js' */
/** @import { Loads } from './media-statistics.js' */
/** @import { Gone } from './media-watch.js' */
/** @import { Presigner } from './presign-batch.js' */
/** @import { ServerClock } from './server-clock.js' */
/** @import { EndReason, Session, Sessions } from './session.js' */
/** @import { AppStorage } from './storage.js' */

/** @typedef {(ended: EndReason | null, session?: Session) => void} SessionListener */

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

/**
 * One initialised app: its settings, its session, and its presigned URLs.
 *
 * @typedef {object} App
 * @property {string} appId
 * @property {AppSettings} settings
 * @property {Effects} effects
 * @property {ServerClock} clock
 * @property {AppStorage} storage
 * @property {Sessions} sessions
 * @property {Presigner} presigned
 * @property {boolean} isEmbedded
 * @property {(clean: string, listener: (gone: Gone) => void) => () => void} watchClean watches a medium
 *   on the screen; nothing is told unless a feature took this slot
 * @property {(url: string) => Promise<LocalCopy | null>} [localCopy] opens an image by a copy that the
 *   host confirmed; left out unless the app keeps bytes
 * @property {Map<string, Promise<CometChatException | null>>} asking URLs whose host is being asked why
 * @property {Loads} loads what media cost
 * @property {(listener: SessionListener) => () => void} onSession the listener is called with `null` when
 *   a session begins, else with how it ended; what comes back stops it
 * @property {(url: unknown) => string | null} clean the clean media URL; `null` if it is no protected
 *   media of this app
 * @property {(url: string) => string} render what a URL of a message object reads as now: with the FAT,
 *   if the mode is `EMBEDDED` and it is a media URL of this app
 * @property {(url: string, fresh?: boolean) => Promise<string>} presign
 */

/**
 * @param {string} appId
 * @param {AppSettings} settings
 * @param {Effects} effects
 * @param {readonly Feature[]} features
 * @returns {App}
 * @throws {CometChatException} `ERR_BAD_REQUEST` if the settings name no usable host
 */
export function createApp(appId, settings, effects, features) {
  /** @type {Set<SessionListener>} */
  const listeners = new Set()
  const { clientHost, adminHost } = settings
  const base = baseOf(clientHost, effects)
  const clock = createClock(effects.now)
  const storage = createStorage(effects.storage(settings.storageMode), appId)
  const sessions = createSessions(
    appId,
    createApi(effects.fetch, appId, base),
    adminHost === null ? base : baseOf(adminHost, effects),
    storage,
    clock,
    effects
  )
  const presigned = createPresigner(sessions, clock, effects)

  /** @type {App} */
  const app = {
    appId,
    settings,
    effects,
    clock,
    storage,
    sessions,
    presigned,
    isEmbedded: settings.secureMediaMode === SecureMediaMode.EMBEDDED,
    watchClean: () => () => {},
    asking: new Map(),
    loads: noLoads(),

    onSession(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    clean: (url) => cleanMediaUrl(url, sessions.secureMediaHost),

    render(url) {
      const clean = app.isEmbedded && app.clean(url)
      const fat = clean && sessions.fat
      return fat ? `${clean}?fat=${fat}` : url
    },

    async presign(url, fresh) {
      const clean = app.clean(url)
      if (clean === null) return url
      sessions.renewIfDue()
      if (fresh) presigned.drop(clean)
      const opens = presigned.get(clean) ?? (await presigned.ask(clean, fresh))
      return opens === clean ? url : opens
    }
  }
  for (const attach of features) attach(app)
  sessions.onChange = (ended, session) => {
    presigned.clear()
    for (const listener of [...listeners]) listener(ended, session)
  }
  sessions.restore()
  return app
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
