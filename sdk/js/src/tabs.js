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
export function tabs({ appId, clock, effects, presigned, sessions, settings, clean }) {
  const { channel: open = pageChannel, locks = webLocks() } = effects
  // A session of one tab is no business of the others.
  const channel = settings.storageMode === 'local' ? open(`cloakroom:${appId}`) : null
  if (!channel) return
  let isRenewingElsewhere = false
  let hear = () => {}

  /**
   * @param {Telling['what']} what
   * @param {Session | null} session
   * @param {Partial<Telling>} [more]
   */
  const post = (what, session, more) =>
    channel.postMessage({ what, session: session?.id ?? null, ...more })
  const run = async (/** @type {() => Promise<any>} */ work) => {
    if (isRenewingElsewhere) {
      await new Promise((resolve) => {
        hear = () => resolve(null)
        effects.setTimeout(hear, PATIENCE_MS)
      })
    }
    isRenewingElsewhere = false
    post('renewing', sessions.current)
    return work()
  }

  sessions.tabs = {
    alone: (work) => (locks ? locks(`cloakroom:${appId}:fat`, () => run(work)) : run(work)),
    tell(session, hasEnded) {
      const { fat } = session
      if (hasEnded) post('ended', session)
      else post('renewed', session, fat ? { fat: [fat.token, fat.expiresAt] } : {})
    }
  }
  presigned.onPresigned = (urls) => post('presigned', sessions.current, { urls })
  channel.onmessage = ({ data }) => {
    const { what, session, fat, urls = [] } = /** @type {Telling} */ (data ?? {})
    const present = sessions.current
    if (!present || !session || session !== present.id) return
    if (what === 'ended') sessions.end(present, 'elsewhere')
    const now = clock.now()
    const news = fat ? readFat(...fat, now) : null
    // Only a later one.
    if (news && news.expiresAt > (present.fat?.expiresAt ?? now)) {
      present.fat = news
      sessions.schedule()
    }
    if (what === 'renewing') isRenewingElsewhere = true
    if (what === 'renewed') {
      isRenewingElsewhere = false
      hear()
    }
    for (const [url, presignedUrl, expiresAt] of urls) {
      if (clean(presignedUrl) === url) presigned.set(url, presignedUrl, expiresAt)
    }
  }
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
