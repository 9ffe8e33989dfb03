import { readFat } from './fat.js'

/** @import { App } from './app.js' */
/** @import { Effects } from './effects.js' */
/** @import { Session } from './session.js' */

/**
 * What one tab tells the others of its origin.
 *
 * @typedef {object} Telling
 * @property {'renewing' | 'renewed' | 'ended' | 'presigned'} what
 * @property {string | null} session
 * @property {[string, number]} [fat] and its end
 * @property {[string, string, number][]} [urls] clean URL, presigned URL, end
 */

/** How long a tab waits for what the one that renews tells it. */
const PATIENCE_MS = 2000

/**
 * Lets one tab renew and presign for all of the same session, and ends it in all at once.
 *
 * @param {App} app
 */
export function tabs(app) {
  const { sessions, effects, appId } = app
  // A session of one tab is no business of the others.
  if (app.settings.storageMode !== 'local') return
  const { channel: open = pageChannel, locks = webLocks() } = effects
  const channel = open(`cloakroom:${appId}`)
  if (channel === null) return
  let isRenewingElsewhere = false
  let heard = () => {}

  /** @param {Telling} telling */
  const post = (telling) => channel.postMessage(telling)
  const id = () => sessions.current?.id ?? null
  const hear = () => {
    isRenewingElsewhere = false
    heard()
  }
  /** @returns {Promise<void>} */
  const untilHeard = () =>
    new Promise((resolve) => {
      heard = resolve
      effects.setTimeout(hear, PATIENCE_MS)
    })

  sessions.tabs = {
    alone: async (work) => {
      const run = async () => {
        if (isRenewingElsewhere) await untilHeard()
        post({ what: 'renewing', session: id() })
        return work()
      }
      return locks === null ? run() : locks(`cloakroom:${appId}:fat`, run)
    },
    tell: (session, hasEnded = false) => {
      const { fat, id } = session
      if (hasEnded) post({ what: 'ended', session: id })
      else post({ what: 'renewed', session: id, ...(fat && { fat: [fat.token, fat.expiresAt] }) })
    }
  }
  app.presigned.onPresigned = (urls) => post({ what: 'presigned', session: id(), urls })
  channel.onmessage = ({ data }) => {
    const { what, session, fat, urls } = /** @type {Telling} */ (data ?? {})
    const present = sessions.current
    if (present === null || session === null || session !== present.id) return
    if (what === 'renewing') isRenewingElsewhere = true
    if (what === 'ended') sessions.endedElsewhere(present)
    if (fat) adopt(app, present, ...fat)
    if (what === 'renewed') hear()
    for (const [clean, presignedUrl, expiresAt] of urls ?? []) {
      if (app.clean(presignedUrl) === clean) app.presigned.set(clean, presignedUrl, expiresAt)
    }
  }
}

/**
 * Takes the FAT that another tab was given for this session, if it is a later one.
 *
 * @param {App} app
 * @param {Session} session
 * @param {unknown} token
 * @param {unknown} expiresAt
 */
function adopt({ clock, sessions }, session, token, expiresAt) {
  const now = clock.now()
  const fat = readFat(token, expiresAt, now)
  if (fat === null || fat.expiresAt <= (session.fat?.expiresAt ?? now)) return
  session.fat = fat
  sessions.schedule()
}

/**
 * @param {string} name
 * @returns {BroadcastChannel | null} `null` outside a page
 */
function pageChannel(name) {
  return globalThis.document && globalThis.BroadcastChannel ? new BroadcastChannel(name) : null
}

/** @returns {NonNullable<Effects['locks']> | null} `null` outside a secure context, or in an old browser */
function webLocks() {
  const locks = globalThis.document && navigator.locks
  return locks ? (name, work) => /** @type {Promise<any>} */ (locks.request(name, work)) : null
}
