/** @import { App } from './app.js' */

/** A file of no app: what is asked with an ended session is refused before any file is looked up. */
const NO_FILE = '00000000000000000000000000000000.jpg'

/**
 * Has the browser drop its copies of media when the user logs out.
 *
 * The secure media host answers `Clear-Site-Data: "cache"` to a session that has ended. Nobody else
 * can bring a page to do this: the token must be genuine.
 *
 * @param {App} app
 */
export function clearCopies(app) {
  app.onSession((ended, session) => {
    const host = app.sessions.secureMediaHost
    const fat = session?.fat
    if (ended !== 'logout' || !fat || host === null || app.effects.document === null) return
    const url = `${host.origin}/${app.appId}/media/${NO_FILE}?fat=${fat.token}`
    // Browsers honour the header only where cookies might be set, so the answer stays opaque.
    const init = { mode: 'no-cors', credentials: 'include', cache: 'no-store' }
    const clear = () => app.effects.fetch(url, /** @type {RequestInit} */ (init)).catch(() => {})
    void app.sessions.loggedOut.then(clear)
  })
}
