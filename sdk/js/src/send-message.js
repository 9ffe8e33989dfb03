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
  const caption = data['text']
  /** @type {any[][]} */
  const fields = [
    ...Object.entries({ ...kind, data: JSON.stringify(data) }),
    ...files.map((file) => ['files[]', file, 'name' in file ? `${file.name}` : 'file']),
    ['caption', typeof caption === 'string' ? caption : undefined],
    ['muid', muid],
    ...tags.map((tag) => ['tags[]', tag]),
    ['receiver', receiver]
  ]
  for (const [name, value, ...filename] of fields) {
    if (value !== undefined) form.append(name, value, .../** @type {[string]} */ (filename))
  }
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
