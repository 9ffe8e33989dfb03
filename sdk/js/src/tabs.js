/** @import { App } from './app.js' */

/**
 * What one tab tells the others of its origin. A fresh FAT does not travel: it is read from the
 * storage that the tabs share.
 *
 * @typedef {object} Telling
 * @property {'renewing' | 'renewed' | 'ended' | 'presigned'} what
 * @property {string | null} session
 * @property {[string, string, number][]} [urls] clean URL, presigned URL, end
 */

/** How long a tab without Web Locks leaves the renewal to another one. */
const HELD_MS = 5000

/**
 * Lets one tab renew and presign for all of the same session, and ends it in all at once.
 *
 * @param {App} app
 */
export function tabs(app) {
  const { sessions, effects, appId } = app
  // A session of one tab is no business of the others.
  if (app.settings.storageMode !== 'local') return
  const channel = effects.channel(`cloakroom:${appId}`)
  if (channel === null) return
  let heldUntil = 0

  /** @param {Telling} telling */
  const post = (telling) => channel.postMessage(telling)
  sessions.tabs = {
    alone: async (work) => {
      if (effects.locks !== null) return effects.locks(`cloakroom:${appId}:fat`, work)
      if (effects.now() < heldUntil) {
        const wait = heldUntil - effects.now()
        await new Promise((resolve) => effects.setTimeout(() => resolve(null), wait))
      }
      post({ what: 'renewing', session: sessions.current?.id ?? null })
      return work()
    },
    tell: (session, hasEnded = false) =>
      post({ what: hasEnded ? 'ended' : 'renewed', session: session.id })
  }
  app.batch.onPresigned = (urls) => {
    post({ what: 'presigned', session: sessions.current?.id ?? null, urls })
  }
  channel.onmessage = ({ data }) => {
    const { what, session, urls } = /** @type {Telling} */ (data ?? {})
    const present = sessions.current
    if (present === null || session === null || session !== present.id) return
    if (what === 'ended') sessions.endedElsewhere(present)
    if (what === 'renewed') sessions.adopt()
    if (what === 'renewing') heldUntil = effects.now() + HELD_MS
    for (const [clean, presignedUrl, expiresAt] of urls ?? []) {
      if (app.clean(presignedUrl) === clean) app.presigned.set(clean, presignedUrl, expiresAt)
    }
  }
}
