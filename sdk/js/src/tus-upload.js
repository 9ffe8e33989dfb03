import { CometChatException, invalidResponse, isSessionGone } from './exception.js'
import { retryDelay } from './renewal-time.js'
import { mayPass, toException } from './upload-refusal.js'

/** @import { Answer, Call } from './api.js' */
/** @import { Effects } from './effects.js' */
/** @import { Sent, Transfer } from './send-bytes.js' */
/** @import { UploadMemory } from './upload-memory.js' */

/** Bytes of one call. The server stores what came in parts of this size. */
const CHUNK_BYTES = 8 * 1024 * 1024
/** A file up to this size goes along with its announcement: one call instead of two. */
const SMALL_BYTES = 1024 * 1024
/** Failures in a row, none of which moved the upload on, before the app hears of it. */
const MOST_FAILURES = 5
/** Without any progress for this long a connection counts as lost. */
const STALLED_MS = 60_000

const BYTES = 'application/offset+octet-stream'

/**
 * What an upload takes from its surroundings.
 *
 * @typedef {object} UploadSurroundings
 * @property {(call: Call) => Promise<Answer>} call in the name of the logged-in user
 * @property {(transfer: Omit<Transfer, 'url'> & { path: string }) => Promise<Sent>} transfer the
 *   same, for bytes; `path` is below the base URL
 * @property {UploadMemory} memory
 * @property {Pick<Effects, 'setTimeout' | 'clearTimeout'>} effects
 */

/**
 * @typedef {object} UploadOrder
 * @property {Blob} file
 * @property {string | null} fingerprint under which it is remembered
 * @property {Record<string, string>} metadata
 * @property {(loaded: number) => void} onProgress
 * @property {AbortSignal} signal
 */

/**
 * Uploads one file by tus 1.0.0, and goes on where it stopped: after a lost connection by itself,
 * after a pause or a reload when it is begun again.
 *
 * @param {UploadSurroundings} surroundings
 * @param {UploadOrder} order
 * @returns {Promise<any>} the attachment as the server sent it
 * @throws {CometChatException} as the server refused it, or `ERR_NETWORK` after several tries
 */
export async function uploadFile(surroundings, order) {
  return new TusUpload(surroundings, order).run()
}

class TusUpload {
  #around
  #order
  /** @type {string | null} */
  #id = null
  /** Whether it was begun earlier, perhaps in a session that has ended since. */
  #isTakenUp = false
  #offset = 0

  /**
   * @param {UploadSurroundings} surroundings
   * @param {UploadOrder} order
   */
  constructor(surroundings, order) {
    this.#around = surroundings
    this.#order = order
  }

  async run() {
    let failures = 0
    for (;;) {
      const before = this.#offset
      try {
        return await this.#round()
      } catch (thrown) {
        if (this.#order.signal.aborted) throw thrown
        const error = toException(thrown)
        if (this.#isTakenUp && isSessionGone(error)) {
          this.#forget()
          continue
        }
        if (this.#offset > before) failures = 0
        failures += 1
        if (!mayPass(error) || failures > MOST_FAILURES) throw error
        await this.#pause(retryDelay(failures) * 1000)
      }
    }
  }

  /** One try: looks how far the upload has come, and sends the rest. */
  async #round() {
    const { file, fingerprint } = this.#order
    if (this.#id === null) {
      this.#id = this.#around.memory.find(file, fingerprint)
      this.#isTakenUp = this.#id !== null
    }
    const status = this.#id === null ? null : await this.#status(this.#id)
    let id = status === null ? null : this.#id
    this.#offset = status?.offset ?? 0
    if (id === null) id = await this.#announce()
    else if (status.attachment || status.refusal) return this.#finish(status)
    this.#order.onProgress(this.#offset)
    while (this.#offset < file.size) await this.#sendChunk(id)
    return this.#finish(await this.#status(id))
  }

  /**
   * @param {string} id
   * @returns {Promise<any>} as the server says it; `null` if it has no such upload of this file
   */
  async #status(id) {
    try {
      const { data } = await this.#around.call({ method: 'GET', path: `files/${id}` })
      if (data?.size === this.#order.file.size) return data
    } catch (error) {
      const code = error instanceof CometChatException ? error.code : null
      if (code !== 'ERR_UPLOAD_NOT_FOUND' && code !== 'ERR_UPLOAD_EXPIRED') throw error
    }
    this.#forget()
    return null
  }

  /** @returns {Promise<string>} id of a new upload */
  async #announce() {
    const { file, fingerprint, metadata } = this.#order
    const isSmall = file.size <= SMALL_BYTES
    const sent = await this.#send({
      method: 'POST',
      path: 'files/tus',
      headers: {
        'upload-length': String(file.size),
        'upload-metadata': Object.entries(metadata)
          .map(([name, value]) => `${name} ${toBase64(value)}`)
          .join(','),
        ...(isSmall ? { 'content-type': BYTES } : {})
      },
      body: isSmall ? file : null
    })
    const id = /\/([0-9a-f]{32})$/.exec(sent.header('location') ?? '')?.[1]
    if (id === undefined) throw invalidResponse('the answer names no upload')
    this.#id = id
    this.#offset = isSmall ? offsetOf(sent) : 0
    if (this.#offset < file.size) this.#around.memory.remember(file, fingerprint, id)
    return id
  }

  /** @param {string} id */
  async #sendChunk(id) {
    const { file } = this.#order
    const sent = await this.#send({
      method: 'PATCH',
      path: `files/tus/${id}`,
      headers: { 'upload-offset': String(this.#offset), 'content-type': BYTES },
      body: file.slice(this.#offset, this.#offset + CHUNK_BYTES)
    })
    const offset = offsetOf(sent)
    if (offset <= this.#offset) throw invalidResponse('the upload does not move on')
    this.#offset = offset
    this.#order.onProgress(offset)
  }

  /** @param {any} status */
  #finish(status) {
    if (status?.refusal) {
      this.#forget()
      throw new CometChatException(status.refusal, 'the file was refused')
    }
    // Another node is at it, or the upload vanished meanwhile: the next try looks again.
    if (!status?.attachment) throw new CometChatException('ERR_BUSY', 'the file is not ready yet')
    this.#forget()
    return status.attachment
  }

  #forget() {
    this.#id = null
    this.#isTakenUp = false
    this.#around.memory.forget(this.#order.file, this.#order.fingerprint)
  }

  /** @param {Pick<Transfer, 'method' | 'headers' | 'body'> & { path: string }} part */
  async #send({ headers, ...part }) {
    const { setTimeout, clearTimeout } = this.#around.effects
    const { onProgress, signal } = this.#order
    const start = this.#offset
    const lost = new AbortController()
    const stop = () => lost.abort()
    signal.addEventListener('abort', stop)
    /** @type {unknown} */
    let timer = null
    const watch = (/** @type {number} */ sentBytes) => {
      clearTimeout(timer)
      onProgress(Math.min(start + sentBytes, this.#order.file.size))
      // Once all is sent, the server may take its time to look at it.
      if (sentBytes < (part.body?.size ?? 0)) timer = setTimeout(() => lost.abort(), STALLED_MS)
    }
    try {
      if (signal.aborted) throw stopped()
      const sent = await this.#around.transfer({
        ...part,
        headers: { 'tus-resumable': '1.0.0', ...headers },
        onProgress: watch,
        signal: lost.signal
      })
      if (sent.status >= 200 && sent.status < 300) return sent
      throw refusalOf(sent)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
  }

  /** @param {number} milliseconds */
  #pause(milliseconds) {
    const { signal } = this.#order
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#around.effects.clearTimeout(timer)
        reject(stopped())
      }
      const timer = this.#around.effects.setTimeout(() => {
        signal.removeEventListener('abort', stop)
        resolve(undefined)
      }, milliseconds)
      signal.addEventListener('abort', stop, { once: true })
    })
  }
}

/** @param {Sent} sent */
function offsetOf(sent) {
  const offset = sent.header('upload-offset')
  if (offset === null || !/^\d+$/.test(offset)) throw invalidResponse('the answer names no offset')
  return Number(offset)
}

/**
 * @param {Sent} sent an answer that is no success
 * @returns {CometChatException}
 */
function refusalOf({ status, text }) {
  try {
    const { code, message, details } = JSON.parse(text).error
    return new CometChatException(String(code), String(message), details)
  } catch {
    return status >= 500
      ? new CometChatException('ERR_NETWORK', `the server answered ${status}`)
      : invalidResponse(`the server answered ${status} without JSON`)
  }
}

/** @param {string} text */
function toBase64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

/** What is thrown inside when the app has stopped an upload: nobody hears of it. */
function stopped() {
  return new Error('the upload was stopped')
}
