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
  const files = message instanceof MediaMessage ? message.getFiles() : []
  return files.length > 0
    ? { path: 'messages', form: toForm(message, files) }
    : { path: 'messages', body: toBody(message) }
}

/**
 * @param {BaseMessage} message
 * @param {Blob[]} files
 */
function toForm(message, files) {
  const { data, muid, tags = [], receiver, ...kind } = toBody(message)
  const form = new FormData()
  const append = (/** @type {Record<string, unknown>} */ fields) => {
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined) form.append(name, String(value))
    }
  }
  append({ ...kind, data: JSON.stringify(data) })
  for (const file of files) {
    form.append('files[]', file, 'name' in file ? String(file.name) : 'file')
  }
  const caption = data['text']
  append({ caption: typeof caption === 'string' ? caption : undefined, muid })
  for (const tag of tags) form.append('tags[]', tag)
  append({ receiver })
  return form
}

/** @param {BaseMessage} message */
function toBody(message) {
  const tags = message.getTags()
  return {
    type: message.getType(),
    receiverType: message.getReceiverType(),
    category: message.getCategory(),
    data: withoutFats(message.getData()),
    muid: message.getMuid(),
    tags: tags.length > 0 ? tags : undefined,
    receiver: message.getReceiverId()
  }
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
