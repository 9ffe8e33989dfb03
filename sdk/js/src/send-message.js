import { stripFatQueryParam } from './media-url.js'
import { MediaMessage } from './messages.js'

/** @import { Call } from './api.js' */
/** @import { BaseMessage } from './messages.js' */

/**
 * The call that sends a message: multipart if it carries files to upload, JSON otherwise.
 *
 * @param {BaseMessage} message
 * @returns {Call}
 */
export function sendCall(message) {
  const { type, receiverType, category, muid, tags = [] } = message.toJSON()
  const data = withoutFats(message.getData())
  const receiver = message.getReceiverId()
  const path = 'messages'
  const files = message instanceof MediaMessage ? message.getFiles() : []
  if (!files[0]) {
    const body = { type, receiverType, category, data, muid, receiver }
    return { path, body: tags[0] ? { ...body, tags } : body }
  }
  const form = new FormData()
  for (const [name, value, ...filename] of [
    ...Object.entries({ type, receiverType, category, data: JSON.stringify(data) }),
    ...files.map((file) => ['files[]', file, 'name' in file ? `${file.name}` : 'file']),
    ['caption', data['text']],
    ['muid', muid],
    ...tags.map((/** @type {string} */ tag) => ['tags[]', tag]),
    ['receiver', receiver]
  ]) {
    if (value) form.append(name, value, ...filename)
  }
  return { path, form }
}

/**
 * A forwarded attachment must not carry the sender's own FAT to others.
 *
 * @param {Record<string, any>} data
 */
function withoutFats({ entities: _, ...data }) {
  if (typeof data['url'] === 'string') data['url'] = stripFatQueryParam(data['url'])
  if (Array.isArray(data['attachments'])) data['attachments'] = data['attachments'].map(cleanOf)
  return data
}

/** @param {any} attachment */
function cleanOf({ thumbnails: _, ...attachment }) {
  return { ...attachment, url: stripFatQueryParam(attachment.url) }
}
