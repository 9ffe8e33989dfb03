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
  if (!isObject(raw)) return raw
  const message = { ...raw }
  if (isObject(raw['sender'])) message['sender'] = liveEntity(raw['sender'], render)
  if (isObject(raw['receiver'])) message['receiver'] = liveEntity(raw['receiver'], render)
  if (isObject(raw['quotedMessage'])) {
    message['quotedMessage'] = liveMessage(raw['quotedMessage'], render)
  }
  if (isObject(raw['data'])) message['data'] = liveBody(raw['data'], render)
  return message
}

/**
 * @param {any} raw attachment as the server sent it
 * @param {RenderUrl} render
 * @returns {any} a copy whose `url` and thumbnails are getters
 */
export function liveAttachment(raw, render) {
  if (!isObject(raw)) return raw
  const attachment = { ...raw }
  makeLive(attachment, 'url', render)
  liveThumbnails(attachment, render)
  return attachment
}

/**
 * @param {Record<string, any>} raw `data` of a message
 * @param {RenderUrl} render
 */
function liveBody(raw, render) {
  const body = { ...raw }
  makeLive(body, 'url', render)
  liveThumbnails(body, render)
  if (Array.isArray(raw['attachments'])) {
    body['attachments'] = raw['attachments'].map((attachment) => liveAttachment(attachment, render))
  }
  if (isObject(raw['entities'])) {
    body['entities'] = Object.fromEntries(
      Object.entries(raw['entities']).map(([role, party]) => [role, liveParty(party, render)])
    )
  }
  return body
}

/**
 * @param {any} party `{ entity, entityType }`
 * @param {RenderUrl} render
 */
function liveParty(party, render) {
  if (!isObject(party) || !isObject(party['entity'])) return party
  const live = party['entityType'] === 'message' ? liveMessage : liveEntity
  return { ...party, entity: live(party['entity'], render) }
}

/**
 * @param {Record<string, any>} holder
 * @param {RenderUrl} render
 */
function liveThumbnails(holder, render) {
  if (!Array.isArray(holder['thumbnails'])) return
  const thumbnails = holder['thumbnails'].map((item) => (isObject(item) ? { ...item } : item))
  thumbnails.forEach((item, index) => {
    if (isObject(item)) makeLive(item, 'url', render)
    else makeLive(thumbnails, index, render)
  })
  holder['thumbnails'] = thumbnails
}
