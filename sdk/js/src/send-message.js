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
    ? { method: 'POST', path: 'messages', form: toForm(message, files) }
    : { method: 'POST', path: 'messages', body: toBody(message) }
}

/**
 * @param {BaseMessage} message
 * @param {Blob[]} files
 */
function toForm(message, files) {
  const form = new FormData()
  form.append('type', message.getType())
  form.append('receiverType', message.getReceiverType())
  form.append('category', message.getCategory())
  form.append('data', JSON.stringify(withoutFats(message.getData())))
  for (const file of files) {
    form.append('files[]', file, 'name' in file ? String(file.name) : 'file')
  }
  const caption = message.getData()['text']
  if (typeof caption === 'string') form.append('caption', caption)
  const muid = message.getMuid()
  if (muid !== undefined) form.append('muid', muid)
  for (const tag of message.getTags()) form.append('tags[]', tag)
  form.append('receiver', message.getReceiverId())
  return form
}

/** @param {BaseMessage} message */
function toBody(message) {
  const muid = message.getMuid()
  const tags = message.getTags()
  return {
    type: message.getType(),
    receiverType: message.getReceiverType(),
    category: message.getCategory(),
    data: withoutFats(message.getData()),
    ...(muid === undefined ? {} : { muid }),
    ...(tags.length === 0 ? {} : { tags }),
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
