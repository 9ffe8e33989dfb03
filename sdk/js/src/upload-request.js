import { CometChatException, toException } from './exception.js'
import { Attachment } from './messages.js'
import { mayPass, uploadFile } from './tus-upload.js'

/** @import { App } from './app.js' */
/** @import { UploadCallbacks, UploadResult } from './upload-listener.js' */

/**
 * What an app allows, as its settings say.
 *
 * @param {App} app
 * @returns {[number, number]} bytes of one file, `Infinity` if it is not known, and files of one message
 */
export function uploadLimits({ sessions }) {
  const { 'file.size.max': bytes, 'file.count.max': count } = sessions.settings
  return [
    typeof bytes === 'number' ? bytes : Infinity,
    typeof count === 'number' ? count : FILE_COUNT_MAX
  ]
}

/** Files of a message, where the server did not say. */
const FILE_COUNT_MAX = 10

/** Files whose bytes are sent at once, unless said otherwise. */
const CONCURRENCY = 3

/** @type {UploadState[]} */
const UNDER_WAY = ['waiting', 'moving']

/** @typedef {'waiting' | 'moving' | 'paused' | 'successful' | 'rejected' | 'failed'} UploadState */

/**
 * @typedef {object} Item
 * @property {Blob} file
 * @property {UploadCallbacks} listener
 * @property {UploadState} state
 * @property {AbortController | undefined} [transfer] while its bytes are on their way
 * @property {Attachment} [attachment]
 * @property {CometChatException} [error]
 * @property {string | undefined} [id] of the upload that was begun
 */

/** Files that are uploaded before the message that will carry them: one batch. */
export class UploadFileRequest {
  /** @type {Map<string, Item>} */
  #items = new Map()
  #app
  /** @type {Record<string, string>} */
  #metadata
  /** @type {string} */
  #batchId = Math.random().toString(36).slice(2)
  #concurrency = CONCURRENCY
  #moving = 0
  /** @type {UploadCallbacks} */
  #listener = {}
  /** Those of the files that settled since the batch last came to rest. @type {Set<UploadCallbacks>} */
  #settled = new Set()

  /**
   * @param {App} app
   * @param {string} receiverId
   * @param {string} receiverType
   */
  constructor(app, receiverId, receiverType) {
    this.#app = app
    this.#metadata = { receiver: receiverId, receiverType }
  }

  /** Says that the message will be in a thread. @param {string | number} messageId */
  setParentMessageId(messageId) {
    this.#metadata['parentMessageId'] = String(messageId)
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
    for (const { fileId, file } of files) {
      if (this.#items.has(fileId)) continue
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

  /** Sends a file again that did not arrive, from where it stopped. @param {string} fileId */
  retryAttachment(fileId) {
    this.#turn(fileId, ['failed'], 'waiting')
  }

  /** Stops a file on its way; what has arrived stays. @param {string} fileId */
  pauseAttachment(fileId) {
    this.#turn(fileId, UNDER_WAY, 'paused')
  }

  /** Goes on with a paused file. @param {string} fileId */
  resumeAttachment(fileId) {
    this.#turn(fileId, ['paused'], 'waiting')
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
    this.#items.get(fileId)?.transfer?.abort()
    this.#items.delete(fileId)
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
    return this.getAttachments().filter((it) => {
      const [kind] = /^(image|video|audio)\b/.exec(it.getMimeType()) ?? ['file']
      return kind === type
    })
  }

  /** @returns {number} files in the batch, whatever became of them */
  getAttachmentCount() {
    return this.#items.size
  }

  /** @returns {'in_progress' | 'idle'} `in_progress` while a file waits or is on its way */
  getStatus() {
    const isUnderWay = [...this.#items.values()].some(({ state }) => UNDER_WAY.includes(state))
    return isUnderWay ? 'in_progress' : 'idle'
  }

  /**
   * @param {string} fileId
   * @param {UploadState[]} from
   * @param {UploadState} to
   */
  #turn(fileId, from, to) {
    const item = this.#items.get(fileId)
    if (!item || !from.includes(item.state)) return
    item.state = to
    item.transfer?.abort()
    this.#next()
  }

  #next() {
    for (const [fileId, item] of this.#items) {
      // One that was paused and resumed at once is still about to stop.
      const isReady = item.state === 'waiting' && !item.transfer
      if (isReady && this.#moving < this.#concurrency) void this.#move(fileId, item)
    }
  }

  /**
   * @param {string} fileId
   * @param {Item} item
   */
  async #move(fileId, item) {
    const { file } = item
    const { signal } = (item.transfer = new AbortController())
    item.state = 'moving'
    this.#moving += 1
    try {
      this.#check(fileId, file)
      const metadata = {
        filename: 'name' in file ? String(file.name) : 'file',
        filetype: file.type,
        ...this.#metadata
      }
      const onProgress = (/** @type {number} */ loaded) => {
        const percent = Math.round((loaded / file.size) * 100)
        if (!signal.aborted) this.#tell(item, 'onFileProgress', fileId, loaded, file.size, percent)
      }
      const raw = await uploadFile(this.#app, item, metadata, onProgress, signal)
      if (this.#items.get(fileId) === item) {
        item.state = 'successful'
        this.#tell(item, 'onFileUploaded', fileId, (item.attachment = new Attachment(raw)))
      }
    } catch (thrown) {
      if (!signal.aborted) {
        const error = (item.error = toException(thrown))
        item.state = mayPass(error) ? 'failed' : 'rejected'
        this.#tell(item, mayPass(error) ? 'onFileFailure' : 'onFileError', fileId, error)
      }
    }
    item.transfer = undefined
    this.#moving -= 1
    this.#next()
    this.#rest()
  }

  /**
   * Refuses, before anything is sent, what the server would refuse.
   *
   * @param {string} fileId
   * @param {Blob} file
   */
  #check(fileId, { size }) {
    const [most, count] = uploadLimits(this.#app)
    if (!size) throw new CometChatException('ERR_FILE_EMPTY')
    if (size > most) {
      throw new CometChatException('ERR_FILE_SIZE_EXCEEDED', `more than ${most} bytes`)
    }
    if ([...this.#items.keys()].indexOf(fileId) >= count) {
      throw new CometChatException('ERR_FILE_COUNT_EXCEEDED', `more than ${count} files`)
    }
  }

  /**
   * @param {Item} item
   * @param {keyof UploadCallbacks} name
   * @param {any[]} what
   */
  #tell({ listener }, name, ...what) {
    this.#settled.add(listener)
    this.#call([listener], name, ...what)
  }

  /** Tells once that the batch has come to rest. */
  #rest() {
    /** @type {UploadResult & Partial<Record<UploadState, object[]>>} */
    const result = { batchId: this.#batchId, successful: [], rejected: [], failed: [] }
    for (const [fileId, { state, attachment, error }] of this.#items) {
      if (state === 'paused') return
      result[state]?.push(attachment ? { fileId, attachment } : { fileId, error })
    }
    if (this.#moving > 0 || this.#settled.size === 0) return
    const listeners = [...this.#settled]
    this.#settled.clear()
    this.#call(listeners, 'onComplete', result)
  }

  /**
   * Calls listeners and that of the batch. A fault of one must stop no upload; it is thrown where
   * nothing waits for it.
   *
   * @param {UploadCallbacks[]} listeners
   * @param {keyof UploadCallbacks} name
   * @param {any[]} what
   */
  #call(listeners, name, ...what) {
    for (const listener of new Set([...listeners, this.#listener])) {
      try {
        // @ts-expect-error: each callback takes what belongs to its name
        listener[name]?.(...what)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
