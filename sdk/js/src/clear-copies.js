/** @import { App } from './app.js' */
/** @import { Session } from './session.js' */

/** A file of no app: what is asked with an ended session is refused before any file is looked up. */
const NO_FILE = '00000000000000000000000000000000.jpg'

/**
 * Has the browser drop its copies of media when the user logs out.
 *
 * The secure media host answers `Clear-Site-Data: "cache"` to a session that has ended. Nobody else
 * can bring a page to do this: the credential must be genuine. In header mode it is a presigned URL,
 * since no token is to stand in a URL there; once that has expired, nothing is cleared.
 *
 * @param {App} app
 */
export function clearCopies(app) {
  const { presigned, effects } = app
  app.onSession((ended, session) => {
    const url = app.isEmbedded ? embeddedUrl(app, session) : presigned.newest
    presigned.newest = null
    if (ended !== 'logout' || url === null || effects.document === null) return
    // Browsers honour the header only where cookies might be set, so the answer stays opaque.
    const init = { mode: 'no-cors', credentials: 'include', cache: 'no-store' }
    const clear = () => effects.fetch(url, /** @type {RequestInit} */ (init)).catch(() => {})
    void app.sessions.loggedOut.then(clear)
  })
}

/**
 * @param {App} app
 * @param {Session | undefined} session
 * @returns {string | null}
 */
function embeddedUrl({ sessions }, session) {
  const host = sessions.secureMediaHost
  return session?.fat && host ? `${host + NO_FILE}?fat=${session.fat.token}` : null
}
