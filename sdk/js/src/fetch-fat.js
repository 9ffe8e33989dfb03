/** @import { App } from './app.js' */

/**
 * The FAT, after the renewal that is on its way if there is one.
 *
 * @param {App | null} app
 * @param {string} [refused] a token that was refused
 * @returns {Promise<string | null>} `null` if there is no valid one
 */
export async function fetchFat(app, refused) {
  if (app === null) return null
  const { sessions } = app
  if (refused !== undefined && sessions.fat === refused) sessions.noteRefusal({ refresh: 'fat' })
  await sessions.settleFat()
  return sessions.fat
}
