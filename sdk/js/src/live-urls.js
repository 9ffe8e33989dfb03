import { makeLive } from './live-entity.js'

/** @import { RenderUrl } from './live-entity.js' */

/** What holds a media URL. */
const SLOT = /^(url|avatar|icon)$/

/** What holds slots, or holds what does: nothing that people write freely is among it. */
const PART =
  /^(data|entities|entity|sender|receiver|by|for|on|quotedMessage|attachments|thumbnails)$/

/**
 * Gives a message URLs that carry the FAT of the moment they are read.
 *
 * Only its URL slots are touched: `data.url`, `attachments[].url`, `thumbnails[]`, `avatar` and
 * `icon`. Text and metadata never are.
 *
 * @param {any} raw message, or a part of one, as the server sent it
 * @param {RenderUrl} render
 * @returns {any} a copy whose URL slots are getters; `raw` itself if it is no object
 */
export function liveMessage(raw, render) {
  if (raw === null || typeof raw !== 'object') return raw
  const isList = Array.isArray(raw)
  const copy = isList ? [...raw] : { ...raw }
  for (const [name, value] of Object.entries(copy)) {
    if (isList || PART.test(name)) copy[name] = liveMessage(value, render)
    if (isList || SLOT.test(name)) makeLive(copy, name, render)
  }
  return copy
}
