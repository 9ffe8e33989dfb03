import { CometChatException, invalidResponse, isSessionGone, refusal } from './exception.js'
import { parseObject } from './json.js'
import { retryDelay } from './renewal-time.js'
import { sendBytes } from './send-bytes.js'
import { mayPass, toException } from './upload-refusal.js'

/** @import { App } from './app.js' */
/** @import { Sent } from './send-bytes.js' */

/** Bytes of one call. The server stores what came in parts of this size. */
const CHUNK_BYTES = 8 * 1024 * 1024
/** A file up to this size goes along with its announcement: one call instead of two. */
const SMALL_BYTES = 1024 * 1024
/** Failures in a row, none of which moved the upload on, before the app hears of it. */
const MOST_FAILURES = 5
/** Without any progress for this long a connection counts as lost. */
const STALLED_MS = 60_000

/** Where uploads that have begun are remembered. */
const KEY = 'uploads'
/** More are forgotten, the oldest first: their files are sent from their start. */
const MOST_REMEMBERED = 50

/**
 * @typedef {object} UploadOrder
 * @property {Blob} file
 * @property {string | null} [id] of the upload that was begun
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
  const fingerprint = fingerprintOf(file, sessions.current?.user['uid'], metadata)
  let failures = 0
  let offset = 0
  /** Whether it was begun earlier, perhaps in a session that has ended since. */
  let isTakenUp = !!order.id
  for (;;) {
    const before = offset
    try {
      return await goOn()
    } catch (thrown) {
      if (signal.aborted) throw thrown
      const error = toException(thrown)
      if (isTakenUp && isSessionGone(error)) forget()
      else {
        failures = offset > before ? 1 : failures + 1
        if (!mayPass(error) || failures > MOST_FAILURES) throw error
        await pause(retryDelay(failures) * 1000)
      }
    }
  }

  /** One try: looks how far the upload has come, and sends the rest. */
  async function goOn() {
    if (!order.id) {
      const id = remembered()[fingerprint]
      if (id && /^[0-9a-f]{32}$/.test(id)) order.id = id
      isTakenUp = !!order.id
    }
    let status = await look()
    offset = status?.offset ?? 0
    if (!status?.attachment && !status?.refusal) {
      if (!status) await announce()
      onProgress(offset)
      while (offset < file.size) {
        const next = offsetOf(
          await send(
            'PATCH',
            `/${order.id}`,
            { 'upload-offset': `${offset}` },
            file.slice(offset, offset + CHUNK_BYTES)
          )
        )
        if (next <= offset) throw invalidResponse()
        offset = next
        onProgress(offset)
      }
      status = await look()
    }
    // Another node is at it, or the upload vanished meanwhile: the next try looks again.
    if (!status?.attachment && !status?.refusal) {
      throw new CometChatException('ERR_BUSY', 'the file is not ready yet')
    }
    forget()
    if (status.refusal) throw new CometChatException(status.refusal, 'the file was refused')
    return status.attachment
  }

  /** @returns {Promise<any>} as the server says it; `null` if it has no such upload of this file */
  async function look() {
    if (!order.id) return null
    try {
      const { data } = await sessions.call({ path: `files/${order.id}` })
      if (data?.size === file.size) return data
    } catch (/** @type {any} */ error) {
      if (!/^ERR_UPLOAD_(NOT_FOUND|EXPIRED)$/.test(error.code)) throw error
    }
    forget()
    return null
  }

  async function announce() {
    const isSmall = file.size <= SMALL_BYTES
    const sent = await send(
      'POST',
      '',
      {
        'upload-length': `${file.size}`,
        'upload-metadata': Object.entries(metadata)
          .map(([name, value]) => `${name} ${toBase64(value)}`)
          .join()
      },
      isSmall ? file : null
    )
    const id = /\/([0-9a-f]{32})$/.exec(sent.header('location') ?? '')?.[1]
    if (!id) throw invalidResponse()
    order.id = id
    offset = isSmall ? offsetOf(sent) : 0
    if (offset < file.size) remember(id)
  }

  function remembered() {
    return /** @type {Record<string, string>} */ (storage.read(KEY) ?? {})
  }

  /** @param {string} [id] */
  function remember(id) {
    const { [fingerprint]: known, ...others } = remembered()
    if (!fingerprint || (!id && !known)) return
    const entries = Object.entries(others)
    if (id) entries.push([fingerprint, id])
    if (entries[0]) storage.write(KEY, Object.fromEntries(entries.slice(-MOST_REMEMBERED)))
    else storage.remove(KEY)
  }

  function forget() {
    order.id = null
    isTakenUp = false
    remember()
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
    /** @type {unknown} */
    let timer
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
          effects.clearTimeout(timer)
          onProgress(Math.min(start + sentBytes, file.size))
          // Once all is sent, the server may take its time to look at it.
          if (sentBytes < (body?.size ?? 0)) timer = effects.setTimeout(stop, STALLED_MS)
        },
        signal: lost.signal
      })
      if (sent.status >= 200 && sent.status < 300) return sent
      const { error } = parseObject(sent.text)
      if (error) throw refusal(error)
      throw sent.status < 500 ? invalidResponse() : sent
    } finally {
      effects.clearTimeout(timer)
    }
  }

  /** @param {number} milliseconds */
  function pause(milliseconds) {
    return new Promise((resolve, reject) => {
      effects.setTimeout(() => resolve(null), milliseconds)
      signal.addEventListener('abort', reject, { once: true })
    })
  }
}

/** @param {Sent} sent */
function offsetOf(sent) {
  const offset = sent.header('upload-offset')
  if (!/^\d+$/.test(offset ?? '')) throw invalidResponse()
  return Number(offset)
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
  if (!('lastModified' in file) || !('name' in file)) return ''
  const parts = [uid, receiverType, receiver, file.name, file.type, file.size, file.lastModified]
  return JSON.stringify(parts)
}
