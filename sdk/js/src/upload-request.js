import { CometChatException } from './exception.js'
import { callSafely } from './upload-listener.js'
import { mayPass, toException } from './upload-refusal.js'

/** @import { Attachment } from './messages.js' */
/** @import { UploadCallbacks, UploadResult } from './upload-listener.js' */
/** @import { Uploads } from './uploads.js' */

/** Files whose bytes are sent at once, unless said otherwise. */
const CONCURRENCY = 3

/** @typedef {'waiting' | 'moving' | 'paused' | 'successful' | 'rejected' | 'failed'} UploadState */

/**
 * @typedef {object} Item
 * @property {Blob} file
 * @property {UploadCallbacks} listener
 * @property {UploadState} state
 * @property {AbortController | null} transfer while its bytes are on their way
 * @property {Attachment | null} attachment
 * @property {CometChatException | null} error
 */

/** Files that are uploaded before the message that will carry them: one batch. */
export class UploadFileRequest {
  /** @type {Map<string, Item>} */
  #items = new Map()
  #uploads
  #receiver
  /** @type {string} */
  #batchId = globalThis.crypto?.randomUUID?.() ?? Math.random().toString(36).slice(2)
  /** @type {string | null} */
  #parentMessageId = null
  #concurrency = CONCURRENCY
  #moving = 0
  /** @type {UploadCallbacks} */
  #listener = {}
  /** Those of the files that settled since the batch last came to rest. @type {Set<UploadCallbacks>} */
  #settled = new Set()

  /**
   * @param {Uploads} uploads
   * @param {string} receiverId
   * @param {string} receiverType
   */
  constructor(uploads, receiverId, receiverType) {
    this.#uploads = uploads
    this.#receiver = { receiver: receiverId, receiverType }
  }

  /** Says that the message will be in a thread. @param {string | number} messageId */
  setParentMessageId(messageId) {
    this.#parentMessageId = String(messageId)
    return this
  }

  /** @param {string} batchId in place of a random one; without effect once files were given */
  setBatchId(batchId) {
    if (this.#items.size === 0) this.#batchId = batchId
    return this
  }

  /** @returns {string} */
  getBatchId() {
    return this.#batchId
  }

  /** @param {number} files sent at once, at least 1 */
  setConcurrency(files) {
    this.#concurrency = Math.max(1, Math.trunc(files))
    return this
  }

  /** Tells of every file of the batch; there is one such listener. @param {UploadCallbacks} listener */
  addUploadListener(listener) {
    this.#listener = listener
  }

  /** Takes the listener of the whole batch away. */
  removeUploadListener() {
    this.#listener = {}
  }

  /**
   * @param {{ fileId: string, file: Blob }[]} files those whose `fileId` is known are passed over
   * @param {UploadCallbacks} [listener] hears of these files
   */
  uploadAttachments(files, listener = {}) {
    const isNew = files.filter(({ fileId }) => !this.#items.has(fileId))
    for (const { fileId, file } of isNew) {
      const nothing = { transfer: null, attachment: null, error: null }
      this.#items.set(fileId, { file, listener, state: 'waiting', ...nothing })
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

  /** Sends a file again that did not arrive, from where it stopped. @param {string} fileId */
  retryAttachment(fileId) {
    this.#restart(fileId, 'failed')
  }

  /** Stops a file on its way; what has arrived stays. @param {string} fileId */
  pauseAttachment(fileId) {
    const item = this.#items.get(fileId)
    if (item?.state !== 'waiting' && item?.state !== 'moving') return
    item.state = 'paused'
    item.transfer?.abort()
  }

  /** Goes on with a paused file. @param {string} fileId */
  resumeAttachment(fileId) {
    this.#restart(fileId, 'paused')
  }

  /** Stops all files that are on their way. */
  pause() {
    for (const fileId of this.#items.keys()) this.pauseAttachment(fileId)
  }

  /** Goes on with all paused files. */
  resume() {
    for (const fileId of this.#items.keys()) this.resumeAttachment(fileId)
  }

  /** Takes a file out of the batch, on its way or not. @param {string} fileId */
  removeAttachment(fileId) {
    const item = this.#items.get(fileId)
    this.#items.delete(fileId)
    item?.transfer?.abort()
  }

  /** Takes all files out of the batch. */
  clearAll() {
    for (const fileId of this.#items.keys()) this.removeAttachment(fileId)
  }

  /** @param {string} fileId @returns {UploadState | null} `null` if there is no such file */
  getState(fileId) {
    return this.#items.get(fileId)?.state ?? null
  }

  /** @param {string} fileId @returns {Attachment | null} */
  getAttachment(fileId) {
    return this.#items.get(fileId)?.attachment ?? null
  }

  /** @returns {Attachment[]} for `setAttachments` of a message */
  getAttachments() {
    return [...this.#items.values()].flatMap(({ attachment }) => attachment ?? [])
  }

  /** @param {string} type `image`, `video`, `audio` or `file` @returns {Attachment[]} */
  getAttachmentsByType(type) {
    return this.getAttachments().filter((it) => kindOf(it.getMimeType()) === type)
  }

  /** @returns {number} files in the batch, whatever became of them */
  getAttachmentCount() {
    return this.#items.size
  }

  /** @returns {'in_progress' | 'idle'} `in_progress` while a file waits or is on its way */
  getStatus() {
    const states = [...this.#items.values()].map(({ state }) => state)
    return states.some((it) => it === 'waiting' || it === 'moving') ? 'in_progress' : 'idle'
  }

  /**
   * @param {string} fileId
   * @param {UploadState} from
   */
  #restart(fileId, from) {
    const item = this.#items.get(fileId)
    if (item?.state !== from) return
    item.state = 'waiting'
    this.#next()
  }

  #next() {
    for (const [fileId, item] of this.#items) {
      if (this.#moving >= this.#concurrency) return
      // One that was paused and resumed at once is still about to stop.
      if (item.state === 'waiting' && item.transfer === null) void this.#move(fileId, item)
    }
  }

  /**
   * @param {string} fileId
   * @param {Item} item
   */
  async #move(fileId, item) {
    const transfer = new AbortController()
    item.transfer = transfer
    item.state = 'moving'
    this.#moving += 1
    try {
      const attachment = await this.#upload(fileId, item, transfer.signal)
      if (this.#items.get(fileId) === item) {
        item.attachment = attachment
        item.state = 'successful'
        this.#tell(item, (listener) => listener.onFileUploaded?.(fileId, attachment))
      }
    } catch (thrown) {
      if (!transfer.signal.aborted) this.#fail(fileId, item, toException(thrown))
    }
    item.transfer = null
    this.#moving -= 1
    this.#next()
    this.#rest()
  }

  /**
   * @param {string} fileId
   * @param {Item} item
   * @param {CometChatException} error
   */
  #fail(fileId, item, error) {
    item.error = error
    item.state = mayPass(error) ? 'failed' : 'rejected'
    const name = item.state === 'failed' ? 'onFileFailure' : 'onFileError'
    this.#tell(item, (listener) => listener[name]?.(fileId, error))
  }

  /**
   * @param {string} fileId
   * @param {Item} item
   * @param {AbortSignal} signal
   */
  async #upload(fileId, item, signal) {
    const { file } = item
    this.#check(fileId, file)
    const metadata = {
      filename: 'name' in file ? String(file.name) : 'file',
      filetype: file.type,
      ...this.#receiver,
      ...(this.#parentMessageId && { parentMessageId: this.#parentMessageId })
    }
    const onProgress = (/** @type {number} */ loaded) => {
      if (signal.aborted) return
      const percent = Math.round((loaded / file.size) * 100)
      this.#tell(item, (it) => it.onFileProgress?.(fileId, loaded, file.size, percent))
    }
    return this.#uploads.upload(file, this.#receiver, { metadata, onProgress, signal })
  }

  /**
   * Refuses, before anything is sent, what the server would refuse.
   *
   * @param {string} fileId
   * @param {Blob} file
   */
  #check(fileId, { size }) {
    const { fileSizeMax, fileCountMax } = this.#uploads.limits
    if (size === 0) throw new CometChatException('ERR_FILE_EMPTY', 'the file has no bytes')
    if (size > fileSizeMax) {
      const message = `the file is larger than ${fileSizeMax} bytes`
      throw new CometChatException('ERR_FILE_SIZE_EXCEEDED', message)
    }
    if ([...this.#items.keys()].indexOf(fileId) >= fileCountMax) {
      const message = `a message carries at most ${fileCountMax} files`
      throw new CometChatException('ERR_FILE_COUNT_EXCEEDED', message)
    }
  }

  /**
   * @param {Item} item
   * @param {(listener: UploadCallbacks) => void} say
   */
  #tell(item, say) {
    this.#settled.add(item.listener)
    for (const listener of new Set([item.listener, this.#listener])) callSafely(say, listener)
  }

  /** Tells once that the batch has come to rest. */
  #rest() {
    const isPaused = [...this.#items.values()].some(({ state }) => state === 'paused')
    if (this.#moving > 0 || isPaused || this.#settled.size === 0) return
    const listeners = new Set([...this.#settled, this.#listener])
    this.#settled.clear()
    const result = this.#result()
    for (const listener of listeners) callSafely((it) => it.onComplete?.(result), listener)
  }

  /** @returns {UploadResult} */
  #result() {
    const all = [...this.#items]
    /** @param {UploadState} wanted */
    const refused = (wanted) =>
      all.flatMap(([fileId, { state, error }]) =>
        state === wanted && error ? [{ fileId, error }] : []
      )
    return {
      batchId: this.#batchId,
      successful: all.flatMap(([fileId, { attachment }]) =>
        attachment ? [{ fileId, attachment }] : []
      ),
      rejected: refused('rejected'),
      failed: refused('failed')
    }
  }
}

/** @param {string} mimeType */
function kindOf(mimeType) {
  return /^(image|video|audio)\//.exec(mimeType)?.[1] ?? 'file'
}
