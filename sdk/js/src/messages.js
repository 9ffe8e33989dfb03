import { Group, User } from './entities.js'

/** A file as it appears in a message. */
export class Attachment {
  #raw

  /** @param {Record<string, any>} raw as the server sent it */
  constructor(raw) {
    this.#raw = raw
  }

  /** The media URL; in embedded mode with the FAT of this moment. @returns {string} */
  get url() {
    return this.#raw['url'] ?? ''
  }

  /** The media URL; in embedded mode with the FAT of this moment. @returns {string} */
  getUrl() {
    return this.url
  }

  /** @returns {string} name of the file as its sender had it */
  getName() {
    return this.#raw['name'] ?? ''
  }

  /** @returns {string} such as `image/jpeg` */
  getMimeType() {
    return this.#raw['mimeType'] ?? ''
  }

  /** @returns {string} such as `jpg` */
  getExtension() {
    return this.#raw['extension'] ?? ''
  }

  /** @returns {number} bytes */
  getSize() {
    return this.#raw['size'] ?? 0
  }

  /** @returns {number | undefined} pixels */
  getWidth() {
    return this.#raw['width']
  }

  /** @returns {number | undefined} pixels */
  getHeight() {
    return this.#raw['height']
  }

  /** @returns {string | undefined} what a page shows until the picture is there, in base64 */
  getThumbHash() {
    return this.#raw['thumbHash']
  }

  /** @returns {string[]} media URLs of smaller pictures, read as `url` is */
  getThumbnails() {
    const thumbnails = this.#raw['thumbnails']
    if (!Array.isArray(thumbnails)) return []
    return thumbnails.map((item) => (typeof item === 'string' ? item : (item?.url ?? '')))
  }

  /** @returns {Record<string, any>} as the server sent it, with URLs as they read now */
  toJSON() {
    return { ...this.#raw }
  }
}

/** A message: to be sent, or as the server has it. */
export class BaseMessage {
  /** @type {Record<string, any>} */
  #raw

  /** @param {Record<string, any>} raw as the server has it, or what is to be sent */
  constructor(raw) {
    this.#raw = raw
  }

  /** What the message holds; its media URLs read as `getUrl()` does. @returns {Record<string, any>} */
  get data() {
    return this.#raw['data'] ?? {}
  }

  /** @returns {string} empty before it was sent */
  getId() {
    return String(this.#raw['id'] ?? '')
  }

  /** @returns {string} */
  getConversationId() {
    return this.#raw['conversationId'] ?? ''
  }

  /** @returns {string} uid or guid */
  getReceiverId() {
    const receiver = this.#raw['receiver']
    return typeof receiver === 'object' ? (receiver?.uid ?? receiver?.guid ?? '') : (receiver ?? '')
  }

  /** @returns {string} value of `CometChat.RECEIVER_TYPE` */
  getReceiverType() {
    return this.#raw['receiverType']
  }

  /** @returns {User} */
  getSender() {
    return new User(this.data['entities']?.sender?.entity ?? this.#raw['sender'] ?? {})
  }

  /** @returns {User | Group} */
  getReceiver() {
    const entity = this.data['entities']?.receiver?.entity ?? this.getReceiverId()
    return this.getReceiverType() === 'group' ? new Group(entity) : new User(entity)
  }

  /** @returns {string} value of `CometChat.MESSAGE_TYPE` */
  getType() {
    return this.#raw['type']
  }

  /** @returns {string} value of `CometChat.CATEGORY` */
  getCategory() {
    return this.#raw['category']
  }

  /** @returns {number | undefined} seconds since 1970 UTC */
  getSentAt() {
    return this.#raw['sentAt']
  }

  /** @returns {number | undefined} seconds since 1970 UTC */
  getUpdatedAt() {
    return this.#raw['updatedAt']
  }

  /** @returns {number | undefined} seconds since 1970 UTC; `undefined` if it is not deleted */
  getDeletedAt() {
    return this.#raw['deletedAt']
  }

  /** @returns {string | undefined} id that the sender chose */
  getMuid() {
    return this.#raw['muid']
  }

  /** @param {string} muid id of the sender's choice */
  setMuid(muid) {
    this.#raw['muid'] = muid
  }

  /** @returns {string[]} */
  getTags() {
    return this.#raw['tags'] ?? []
  }

  /** @param {string[]} tags */
  setTags(tags) {
    this.#raw['tags'] = tags
  }

  /** @returns {Record<string, any> | undefined} */
  getMetadata() {
    return this.data['metadata']
  }

  /** @param {Record<string, any>} metadata */
  setMetadata(metadata) {
    this.setData({ metadata })
  }

  /** @returns {Record<string, any>} see {@link BaseMessage.data} */
  getData() {
    return this.data
  }

  /**
   * Adds to what the message holds.
   *
   * @param {Record<string, any>} data
   */
  setData(data) {
    this.#raw['data'] = { ...this.data, ...data }
  }

  /** @returns {Record<string, any>} as the server has it, with URLs as they read now */
  toJSON() {
    return { ...this.#raw }
  }
}

/** A message of text. */
export class TextMessage extends BaseMessage {
  /**
   * @param {string | Record<string, any>} receiverId uid or guid; or the message as the server has it
   * @param {string} [text]
   * @param {string} [receiverType] value of `CometChat.RECEIVER_TYPE`
   */
  constructor(receiverId, text = '', receiverType = 'user') {
    super(
      typeof receiverId === 'string'
        ? draft(receiverId, 'text', receiverType, { text })
        : receiverId
    )
  }

  /** @returns {string} */
  getText() {
    return this.data['text'] ?? ''
  }
}

/** A message that carries files. */
export class MediaMessage extends BaseMessage {
  /** @type {Blob[]} */
  #files

  /**
   * @param {string | Record<string, any>} receiverId uid or guid; or the message as the server has it
   * @param {Blob | Iterable<Blob> | ArrayLike<Blob> | null} [file] what to upload, one or a list;
   *   nothing if `setAttachments` names files uploaded before
   * @param {string} [type] value of `CometChat.MESSAGE_TYPE`
   * @param {string} [receiverType] value of `CometChat.RECEIVER_TYPE`
   */
  constructor(receiverId, file = null, type = 'file', receiverType = 'user') {
    super(typeof receiverId === 'string' ? draft(receiverId, type, receiverType, {}) : receiverId)
    this.#files = toFiles(file)
  }

  /** @returns {string | undefined} media URL of the first file; in embedded mode with the FAT of this moment */
  getURL() {
    return this.data['url'] ?? this.data['attachments']?.[0]?.url
  }

  /** @returns {Attachment | null} the first attachment */
  getAttachment() {
    return this.getAttachments()[0] ?? null
  }

  /** @returns {Attachment[]} */
  getAttachments() {
    const attachments = this.data['attachments']
    return Array.isArray(attachments) ? attachments.map((raw) => new Attachment(raw)) : []
  }

  /** @param {Attachment[]} attachments files that were uploaded before */
  setAttachments(attachments) {
    this.setData({ attachments: attachments.map((attachment) => attachment.toJSON()) })
  }

  /** @returns {string | undefined} */
  getCaption() {
    return this.data['text']
  }

  /** @param {string} caption */
  setCaption(caption) {
    this.setData({ text: caption })
  }

  /** @returns {Blob[]} what is to be uploaded */
  getFiles() {
    return [...this.#files]
  }

  /** @param {Blob | Iterable<Blob> | ArrayLike<Blob>} files what to upload, one or a list */
  setFiles(files) {
    this.#files = toFiles(files)
  }
}

/**
 * @param {any} raw message as the server has it
 * @returns {BaseMessage} a {@link MediaMessage}, {@link TextMessage} or plain one, by its type
 */
export function messageFrom(raw) {
  const type = raw?.category === 'message' ? raw.type : null
  if (type === 'text') return new TextMessage(raw)
  const isMedia = ['image', 'video', 'audio', 'file'].includes(type)
  return isMedia ? new MediaMessage(raw) : new BaseMessage(raw ?? {})
}

/**
 * @param {string} receiver
 * @param {string} type
 * @param {string} receiverType
 * @param {Record<string, any>} data
 */
function draft(receiver, type, receiverType, data) {
  return { receiver, receiverType, type, category: 'message', data }
}

/** @param {Blob | Iterable<Blob> | ArrayLike<Blob> | null} files */
function toFiles(files) {
  if (files === null) return []
  return files instanceof Blob ? [files] : Array.from(files)
}
