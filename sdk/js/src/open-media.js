import { pause } from './effects.js'
import { CometChatException, notLoggedIn } from './exception.js'
import { refusalOf } from './refusal-of.js'

/** @import { App } from './app.js' */

/** How long URLs that were refused wait for others, so that one call asks for all. */
const GATHER_MS = 50

/**
 * A URL that opens now.
 *
 * @typedef {{ url: string, expiresAt: number }} Opens `expiresAt` in seconds by the server's
 *   clock, `Infinity` if it never does
 */

/**
 * The URL by which an element loads a medium, as the secure media mode wants it.
 *
 * @param {App} app
 * @param {string} url media URL, with or without a credential
 * @param {string} [used] one that was refused, or is about to end
 * @returns {Promise<Opens>}
 * @throws {CometChatException}
 */
export async function openMedia(app, url, used) {
  const { sessions, presigned, effects } = app
  const clean = app.clean(url)
  if (clean === null) return { url, expiresAt: Infinity }
  if (!app.isEmbedded) {
    // One that is newer is kept. Where one is refused, others are: they are asked for together.
    if (used && presigned.get(clean) === used) {
      presigned.drop(clean)
      await pause(effects, GATHER_MS)
    }
    return { url: await app.presign(clean), expiresAt: presigned.expiresAt(clean) }
  }
  await sessions.settleFat()
  const opens = app.render(clean)
  if (opens !== clean) return { url: opens, expiresAt: sessions.current?.fat?.expiresAt ?? 0 }
  if (sessions.current === null) throw notLoggedIn()
  throw new CometChatException('ERR_NETWORK', 'there is no File Access Token at the moment')
}

/**
 * Asks the secure media host why a URL does not open, once for all that fail meanwhile, and
 * takes a refused FAT out of use.
 *
 * @param {App} app
 * @param {string} url as it was loaded
 * @returns {Promise<CometChatException | null>} `null` if it opens
 */
export function whyRefused({ asking, sessions, effects }, url) {
  const known = asking.get(url)
  if (known !== undefined) return known
  const session = sessions.current
  const fat = session?.fat
  const answer = refusalOf(effects.fetch, url).then((why) => {
    asking.delete(url)
    const isPresent = fat && fat === session.fat && url.includes(`fat=${fat.token}`)
    if (isPresent) sessions.noteRefusal(why?.details, session)
    return why
  })
  asking.set(url, answer)
  return answer
}
