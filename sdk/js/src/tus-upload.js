import {
  CometChatException,
  invalidResponse,
  isSessionGone,
  refusal,
  toException
} from './exception.js'
import { createTimer, pause } from './effects.js'
import { parseObject } from './json.js'
import { retryDelay } from './renewal-time.js'
import { sendBytes } from './send-bytes.js'

/** @import { App } from './app.js' */

/** Bytes of one call. The server stores what came in parts of this size. */
const CHUNK_BYTES = 8 * 1024 * 1024
/** A file up to this size goes along with its announcement: one call instead of two. */
const SMALL_BYTES = 1024 * 1024
/** Failures in a row, none of which moved the upload on, before the app hears of it. */
const MOST_FAILURES = 5
/** Without any progress for this long a connection counts as lost. */
const STALLED_SECONDS = 60

/** Where uploads that have begun are remembered. */
const KEY = 'uploads'
/** More are forgotten, the oldest first: their files are sent from their start. */
const MOST_REMEMBERED = 50

/** Codes after which the same file may arrive if it is sent again. */
const PASSING =
  /^ERR_(BUSY|INTERNAL|NETWORK|RATE_LIMITED|TOO_MANY_UPLOADS|UPLOAD_(OFFSET|TRUNCATED))$/

/**
 * @param {CometChatException} error
 * @returns {boolean} whether the same file may arrive if it is sent again
 */
export function mayPass({ code }) {
  return PASSING.test(code)
}

/**
 * @typedef {object} UploadOrder
 * @property {Blob} file
 * @property {string | undefined} [id] of the upload that was begun
 */

/**
 * Uploads one file by tus 1.0.0, and goes on where it stopped: after a lost connection by itself,
 * after a pause or a reload of the page when it is begun again with the same file.
 *
 * @param {App} app
 * @param {UploadOrder} order keeps the `id`
 * @param {Record<string, string>} metadata
 * @param {(loaded: number) => void} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<any>} the attachment as the server sent it
 * @throws {CometChatException} as the server refused it, or `ERR_NETWORK` after several tries
 */
export async function uploadFile(
  { effects, sessions, storage },
  order,
  metadata,
  onProgress,
  signal
) {
  const { file } = order
  const { size } = file
  const fingerprint = fingerprintOf(file, sessions.current?.user['uid'], metadata)
  /** Rejects when it is stopped. @type {Promise<never>} */
  const aborted = new Promise((_, reject) => signal.addEventListener('abort', reject))
  aborted.catch(() => {})
  let failures = 0
  let offset = 0
  for (;;) {
    const before = offset
    try {
      return await goOn()
    } catch (thrown) {
      if (signal.aborted) throw thrown
      const error = toException(thrown)
      // It may have been begun in a session that has ended since.
      if (order.id && isSessionGone(error)) remember()
      else {
        failures = offset > before ? 1 : failures + 1
        if (!mayPass(error) || failures > MOST_FAILURES) throw error
        await Promise.race([pause(effects, retryDelay(failures) * 1000), aborted])
      }
    }
  }

  /** One try: looks how far the upload has come, and sends the rest. */
  async function goOn() {
    order.id ??= remembered()[fingerprint]
    let status = await look()
    if (status) ({ offset } = status)
    else await announce()
    if (!isLookedAt(status)) {
      onProgress(offset)
      while (offset < size) {
        const part = file.slice(offset, offset + CHUNK_BYTES)
        const next = await send('PATCH', `/${order.id}`, { 'upload-offset': `${offset}` }, part)
        if (!(offsetOf(next) > offset)) throw invalidResponse()
        onProgress((offset = offsetOf(next)))
      }
      status = await look()
    }
    // Another node is at it, or the upload vanished meanwhile: the next try looks again.
    if (!isLookedAt(status)) throw new CometChatException('ERR_BUSY', 'it is not ready yet')
    remember()
    if (status.refusal) throw new CometChatException(status.refusal)
    return status.attachment
  }

  /** @returns {Promise<any>} as the server says it; `undefined` if it has no such upload of this file */
  async function look() {
    if (!order.id) return
    try {
      const { data } = await sessions.call({ path: `files/${order.id}` })
      if (data?.size === size) return data
    } catch (/** @type {any} */ error) {
      if (!/^ERR_UPLOAD_(NOT_FOUND|EXPIRED)$/.test(error.code)) throw error
    }
    remember()
  }

  async function announce() {
    const body = size > SMALL_BYTES ? null : file
    const words = Object.entries(metadata).map(([name, value]) => `${name} ${toBase64(value)}`)
    const headers = { 'upload-length': `${size}`, 'upload-metadata': words.join() }
    offset = 0
    const sent = await send('POST', '', headers, body)
    const [id] = /[0-9a-f]{32}$/.exec(sent.header('location') ?? '') ?? []
    if (!id) throw invalidResponse()
    if (body) offset = offsetOf(sent)
    if (offset < size) remember(id)
    order.id = id
  }

  function remembered() {
    return /** @type {Record<string, string>} */ (storage.read(KEY) ?? {})
  }

  /** @param {string} [id] left out, it is forgotten */
  function remember(id) {
    order.id = id
    const entries = Object.entries(remembered()).filter(([known]) => known !== fingerprint)
    if (id && fingerprint) entries.push([fingerprint, id])
    storage.write(KEY, entries[0] && Object.fromEntries(entries.slice(-MOST_REMEMBERED)))
  }

  /**
   * @param {'POST' | 'PATCH'} method
   * @param {string} path
   * @param {Record<string, string>} headers
   * @param {Blob | null} body
   */
  async function send(method, path, headers, body) {
    const start = offset
    const lost = new AbortController()
    const stop = () => lost.abort()
    signal.addEventListener('abort', stop)
    const timer = createTimer(effects)
    try {
      if (signal.aborted) throw signal.reason
      const { base, headers: ours } = sessions.credentials()
      const sent = await (effects.sendBytes ?? sendBytes)({
        method,
        url: `${base}/files/tus${path}`,
        headers: {
          ...ours,
          'tus-resumable': '1.0.0',
          ...headers,
          ...(body && { 'content-type': 'application/offset+octet-stream' })
        },
        body,
        onProgress(sentBytes) {
          onProgress(Math.min(start + sentBytes, size))
          // Once all is sent, the server may take its time to look at it.
          timer(sentBytes < (body?.size ?? 0) ? STALLED_SECONDS : Infinity, stop)
        },
        signal: lost.signal
      })
      const { status, text } = sent
      if (status >= 200 && status < 300) return sent
      const { error } = parseObject(text)
      throw error ? refusal(error) : status < 500 ? invalidResponse() : sent
    } finally {
      timer()
    }
  }
}

/** @param {any} status */
function isLookedAt(status) {
  return status?.attachment || status?.refusal
}

/** @param {import('./send-bytes.js').Sent} sent */
function offsetOf(sent) {
  return Number(sent.header('upload-offset'))
}

/** @param {string} text */
function toBase64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

/**
 * What a file is known by when it is given again.
 *
 * @param {Blob} file
 * @param {string} uid who sends it
 * @param {Record<string, string>} metadata
 * @returns {string} empty if nothing tells it from others
 */
function fingerprintOf(file, uid, { receiver, receiverType }) {
  const { name, type, size, lastModified } = /** @type {File} */ (file)
  return name ? JSON.stringify([uid, receiverType, receiver, name, type, size, lastModified]) : ''
}
