/**
 * Gives message objects URLs that carry the FAT of the moment they are read.
 *
 * Only the URL slots of a message are touched: `data.url`, `attachments[].url`, `thumbnails[]`,
 * `avatar` and `icon`. Text and metadata never are.
 */

import { isObject } from './json.js'
import { liveEntity, makeLive } from './live-entity.js'

/** @import { RenderUrl } from './live-entity.js' */

/**
 * @param {any} raw message as the server sent it
 * @param {RenderUrl} render
 * @returns {any} a copy whose URL slots are getters
 */
export function liveMessage(raw, render) {
  return liveParts(raw, render, {
    sender: liveEntity,
    receiver: liveEntity,
    quotedMessage: liveMessage,
    data: liveBody
  })
}

/**
 * @param {any} raw `data` of a message, or one of its attachments
 * @param {RenderUrl} render
 * @returns {any}
 */
function liveBody(raw, render) {
  const body = liveParts(raw, render, { entities: liveEntities })
  makeLive(body, 'url', render)
  for (const name of ['thumbnails', 'attachments']) {
    if (!Array.isArray(body[name])) continue
    const list = body[name].map((/** @type {any} */ item) =>
      isObject(item) ? liveBody(item, render) : item
    )
    list.forEach((_, /** @type {number} */ index) => makeLive(list, index, render))
    body[name] = list
  }
  return body
}

/**
 * @param {any} raw parties by their role, each `{ entity, entityType }`
 * @param {RenderUrl} render
 */
function liveEntities(raw, render) {
  return liveParts(
    raw,
    render,
    Object.fromEntries(
      Object.keys(raw).map((role) => [
        role,
        (party) =>
          liveParts(party, render, {
            entity: party['entityType'] === 'message' ? liveMessage : liveEntity
          })
      ])
    )
  )
}

/**
 * @param {any} raw
 * @param {RenderUrl} render
 * @param {Record<string, (raw: any, render: RenderUrl) => any>} parts how each is copied
 * @returns {any} a copy; `raw` itself if it is no object
 */
function liveParts(raw, render, parts) {
  if (!isObject(raw)) return raw
  /** @type {Record<string, any>} */
  const copy = { ...raw }
  for (const [name, live] of Object.entries(parts)) {
    if (isObject(copy[name])) copy[name] = live(copy[name], render)
  }
  return copy
}
