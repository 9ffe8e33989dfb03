/** @import { App } from './app.js' */

/** A file of no app: what is asked with an ended session is refused before any file is looked up. */
const NO_FILE = `${'0'.repeat(32)}.jpg`

/**
 * Has the browser drop its copies of media when the user logs out.
 *
 * The secure media host answers `Clear-Site-Data: "cache"` to a session that has ended. Nobody else
 * can bring a page to do this: the credential must be genuine. In header mode it is a presigned URL,
 * since no token is to stand in a URL there; once that has expired, nothing is cleared.
 *
 * @param {App} app
 */
export function clearCopies({ presigned, effects, isEmbedded, sessions, onSession }) {
  onSession((ended, session) => {
    const { secureMediaHost } = sessions
    const embedded =
      session?.fat && secureMediaHost && `${secureMediaHost}${NO_FILE}?fat=${session.fat.token}`
    const url = isEmbedded ? embedded : presigned.newest
    presigned.newest = null
    if (ended !== 'logout' || !url || !effects.document) return
    void sessions.loggedOut.then(() =>
      effects
        // Browsers honour the header only where cookies might be set, so the answer stays opaque.
        .fetch(url, { mode: 'no-cors', credentials: 'include', cache: 'no-store' })
        .catch(() => {})
    )
  })
}
