import { CometChatException, invalidResponse } from './exception.js'
import { Attachment } from './messages.js'

/** @import { Answer, Call } from './api.js' */

/** Files whose bytes are sent at once, unless said otherwise. */
const CONCURRENCY = 3

/**
 * A form on its way: gives the answer's status and text.
 *
 * @typedef {(url: string, form: FormData, onProgress: (loaded: number, total: number) => void)
 *   => Promise<{ status: number, text: string }>} SendForm
 */

/**
 * @typedef {object} UploadCallbacks
 * @property {(fileId: string, loaded: number, total: number, percent: number) => void} [onFileProgress]
 * @property {(fileId: string, attachment: Attachment) => void} [onFileUploaded]
 * @property {(fileId: string, error: CometChatException) => void} [onFileError] refused for good
 * @property {(fileId: string, error: CometChatException) => void} [onFileFailure] did not arrive:
 *   `retryAttachment` may help
 * @property {(result: UploadResult) => void} [onComplete] nothing is on its way any more
 */

/**
 * @typedef {object} UploadResult
 * @property {{ fileId: string, attachment: Attachment }[]} successful
 * @property {{ fileId: string, error: CometChatException }[]} rejected
 * @property {{ fileId: string, error: CometChatException }[]} failed
 */

/** What an app wants to hear of its uploads. */
export class UploadFileListener {
  /** @param {UploadCallbacks} [callbacks] */
  constructor(callbacks = {}) {
    Object.assign(this, callbacks)
  }
}

/**
 * @typedef {object} Item
 * @property {Blob} file
 * @property {UploadCallbacks} listener
 * @property {'waiting' | 'moving' | 'successful' | 'rejected' | 'failed'} state
 * @property {Attachment} [attachment]
 * @property {CometChatException} [error]
 */

/** Files that are uploaded before the message that will carry them. */
export class UploadFileRequest {
  /** @type {Map<string, Item>} */
  #items = new Map()
  #call
  #sendForm
  #receiver
  #concurrency = CONCURRENCY
  #moving = 0

  /**
   * @param {(call: Call) => Promise<Answer>} call
   * @param {SendForm} sendForm
   * @param {string} receiverId
   * @param {string} receiverType
   */
  constructor(call, sendForm, receiverId, receiverType) {
    this.#call = call
    this.#sendForm = sendForm
    this.#receiver = { receiver: receiverId, receiverType }
  }

  /** @param {number} files sent at once, at least 1 */
  setConcurrency(files) {
    this.#concurrency = Math.max(1, Math.trunc(files))
    return this
  }

  /**
   * @param {{ fileId: string, file: Blob }[]} files
   * @param {UploadCallbacks} [listener]
   */
  uploadAttachments(files, listener = {}) {
    for (const { fileId, file } of files) {
      this.#items.set(fileId, { file, listener, state: 'waiting' })
    }
    this.#next()
  }

  /**
   * @param {string} fileId
   * @param {Blob} file
   * @param {UploadCallbacks} [listener]
   */
  uploadAttachment(fileId, file, listener) {
    this.uploadAttachments([{ fileId, file }], listener)
  }

  /** Sends a file again that did not arrive. @param {string} fileId */
  retryAttachment(fileId) {
    const item = this.#items.get(fileId)
    if (item?.state !== 'failed') return
    item.state = 'waiting'
    this.#next()
  }

  /** @param {string} fileId @returns {Attachment | null} */
  getAttachment(fileId) {
    return this.#items.get(fileId)?.attachment ?? null
  }

  /** @returns {Attachment[]} for `setAttachments` of a message */
  getAttachments() {
    return [...this.#items.values()].flatMap(({ attachment }) => attachment ?? [])
  }

  /** Forgets all files. */
  clearAll() {
    this.#items.clear()
  }

  #next() {
    for (const [fileId, item] of this.#items) {
      if (this.#moving >= this.#concurrency) return
      if (item.state === 'waiting') void this.#move(fileId, item)
    }
  }

  /**
   * @param {string} fileId
   * @param {Item} item
   */
  async #move(fileId, item) {
    item.state = 'moving'
    this.#moving += 1
    try {
      item.attachment = await this.#upload(fileId, item)
      item.state = 'successful'
      item.listener.onFileUploaded?.(fileId, item.attachment)
    } catch (thrown) {
      const error =
        thrown instanceof CometChatException
          ? thrown
          : new CometChatException('ERR_NETWORK', 'the file did not arrive')
      item.error = error
      item.state = mayPass(error) ? 'failed' : 'rejected'
      const tell = item.state === 'failed' ? 'onFileFailure' : 'onFileError'
      item.listener[tell]?.(fileId, error)
    }
    this.#moving -= 1
    this.#next()
    if (this.#moving === 0) item.listener.onComplete?.(this.#result())
  }

  /**
   * @param {string} fileId
   * @param {Item} item
   */
  async #upload(fileId, { file, listener }) {
    const name = 'name' in file ? String(file.name) : 'file'
    const files = { [fileId]: { fileId, name, size: file.size, mimeType: file.type } }
    const body = { files, ...this.#receiver }
    const { data } = await this.#call({ method: 'POST', path: 'files/upload-url', body })
    const granted = data?.[fileId]
    if (granted?.error) throw new CometChatException(granted.error.code, granted.error.message)
    if (!granted?.request?.url) throw invalidResponse('the answer names no form')
    const form = new FormData()
    for (const [field, value] of Object.entries(granted.request.body ?? {})) {
      form.append(field, String(value))
    }
    form.append('file', file, name)
    const { status, text } = await this.#sendForm(granted.request.url, form, (loaded, total) =>
      listener.onFileProgress?.(fileId, loaded, total, total && Math.round((loaded / total) * 100))
    )
    return attachmentOf(status, text)
  }

  /** @returns {UploadResult} */
  #result() {
    const all = [...this.#items]
    /** @param {Item['state']} state */
    const refused = (state) =>
      all.flatMap(([fileId, { state: now, error }]) =>
        now === state && error ? [{ fileId, error }] : []
      )
    return {
      successful: all.flatMap(([fileId, { attachment }]) =>
        attachment ? [{ fileId, attachment }] : []
      ),
      rejected: refused('rejected'),
      failed: refused('failed')
    }
  }
}

/**
 * @param {number} status
 * @param {string} text
 */
function attachmentOf(status, text) {
  /** @type {any} */
  let answer
  try {
    answer = JSON.parse(text)
  } catch {
    throw status >= 500
      ? new CometChatException('ERR_NETWORK', `the server answered ${status}`)
      : invalidResponse('the answer is no JSON')
  }
  if (answer?.error) throw new CometChatException(answer.error.code, answer.error.message)
  if (!answer?.data?.attachment) throw invalidResponse('the answer names no attachment')
  return new Attachment(answer.data.attachment)
}

/** Whether the same file may arrive if it is sent again. @param {CometChatException} error */
function mayPass({ code }) {
  return [
    'ERR_NETWORK',
    'ERR_BUSY',
    'ERR_INTERNAL',
    'ERR_RATE_LIMITED',
    'ERR_UPLOAD_TRUNCATED'
  ].includes(code)
}
