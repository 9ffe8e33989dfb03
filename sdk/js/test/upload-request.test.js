import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UploadFileListener } from '../src/index.js'
import { CometChatException } from '../src/exception.js'
import { World } from './world.js'

const MEBIBYTE = 1024 * 1024

/** A page whose server speaks tus, as far as a script lets it. */
class UploadWorld extends World {
  uploads = new Map()
  /** What happened to bytes: method, where they began, and how many. */
  moved = []
  /** Called before each transfer; may throw, or give an answer of its own. */
  script = () => null
  settings_ = {}

  constructor() {
    super()
    this.routes['PUT me'] = () => ({
      data: { uid: 'alice', name: 'Alice', settings: this.settings_ },
      meta: this.meta
    })
  }

  async chat() {
    const chat = await this.reloaded()
    await chat.login('ckr_auth')
    return chat
  }

  /** A page that takes up the stored session. */
  async reloaded() {
    const chat = this.open({ sendBytes: (transfer) => this.#sendBytes(transfer) })
    await chat.init('demoapp', this.settings(chat))
    return chat
  }

  /** Uploads files through a new request, and gives what was told once the batch is at rest. */
  async upload(chat, files, prepare = () => {}) {
    const request = chat.createUploadFileRequest('bob', 'user')
    prepare(request)
    const events = []
    const note =
      (kind) =>
      (id, ...more) =>
        events.push([kind, id, more[0]?.code ?? more.at(-1)?.getName?.() ?? more.at(-1)])
    const done = new Promise((resolve) => {
      request.uploadAttachments(
        files,
        new UploadFileListener({
          onFileProgress: note('progress'),
          onFileUploaded: note('uploaded'),
          onFileError: note('error'),
          onFileFailure: note('failure'),
          onComplete: resolve
        })
      )
    })
    return { request, events, done, kinds: () => events.filter(([kind]) => kind !== 'progress') }
  }

  async #sendBytes({ method, url, headers, body, onProgress, signal }) {
    const path = new URL(url).pathname
    assert.equal(headers.authtoken, 'ckr_auth')
    assert.equal(headers['tus-resumable'], '1.0.0')
    const told = await this.script({ method, path, headers, body, signal, onProgress })
    if (told) return told
    const id =
      method === 'POST' ? this.uploads.size.toString(16).padStart(32, '0') : path.slice(-32)
    const upload = method === 'POST' ? this.#create(id, headers) : this.uploads.get(id)
    const at = Number(headers['upload-offset'] ?? 0)
    assert.equal(at, upload.offset, 'the bytes go on where the last ended')
    this.moved.push([method, at, body?.size ?? 0])
    upload.offset += body?.size ?? 0
    if (body) onProgress(body.size)
    const answers = { location: `https://elsewhere.test/v3/files/tus/${id}` }
    return answer(method === 'POST' ? 201 : 204, {
      ...answers,
      'upload-offset': `${upload.offset}`
    })
  }

  #create(id, headers) {
    const names = headers['upload-metadata'].split(',').map((pair) => pair.split(' '))
    const metadata = Object.fromEntries(
      names.map(([name, value]) => [name, Buffer.from(value, 'base64').toString()])
    )
    const upload = { id, offset: 0, size: Number(headers['upload-length']), metadata }
    this.uploads.set(id, upload)
    this.routes[`GET files/${id}`] = () => {
      const { offset, size, refusal } = upload
      const attachment = { url: `m/${metadata.filename}`, name: metadata.filename }
      const data = { id, offset, size, refusal, ...(offset === size ? { attachment } : {}) }
      return upload.isGone ? { error: { code: 'ERR_UPLOAD_EXPIRED', message: 'x' } } : { data }
    }
    return upload
  }
}

const answer = (status, headers = {}, text = '') => ({
  status,
  text,
  header: (name) => headers[name] ?? null
})
const refuse = (status, code) =>
  answer(status, {}, JSON.stringify({ error: { code, message: 'no' } }))
const file = (name, size, lastModified = 1) =>
  new File([new Uint8Array(size)], name, { lastModified })
const all = (...files) => files.map((it) => ({ fileId: it.name, file: it }))

test('a small file goes along with its announcement, and says whom it is for', async () => {
  const world = new UploadWorld()
  const { done, kinds, request } = await world.upload(await world.chat(), all(file('lóch.txt', 3)))
  const result = await done
  assert.deepEqual(world.moved, [['POST', 0, 3]])
  const [{ metadata }] = world.uploads.values()
  assert.deepEqual(metadata, {
    filename: 'lóch.txt',
    filetype: '',
    receiver: 'bob',
    receiverType: 'user'
  })
  assert.deepEqual(kinds(), [['uploaded', 'lóch.txt', 'lóch.txt']])
  assert.equal(result.batchId, request.getBatchId())
  assert.equal(request.getAttachments().length, 1)
  assert.equal(world.storage.getItem('cloakroom:demoapp:uploads'), null)
})

test('a large file goes in parts, and its progress is that of the whole file', async () => {
  const world = new UploadWorld()
  const { done, events } = await world.upload(await world.chat(), all(file('film', 20 * MEBIBYTE)))
  await done
  const part = 8 * MEBIBYTE
  assert.deepEqual(world.moved, [
    ['POST', 0, 0],
    ['PATCH', 0, part],
    ['PATCH', part, part],
    ['PATCH', 2 * part, 4 * MEBIBYTE]
  ])
  const progress = events.filter(([kind]) => kind === 'progress').map(([, , percent]) => percent)
  assert.deepEqual([...new Set(progress)], [0, 40, 80, 100])
})

test('after a lost connection it goes on from what has arrived', async () => {
  const world = new UploadWorld()
  let calls = 0
  world.script = () => {
    calls += 1
    if (calls === 3) throw new TypeError('the connection was lost')
    if (calls === 4) return answer(502, {}, '<html>')
  }
  const { done, kinds } = await world.upload(await world.chat(), all(file('film', 20 * MEBIBYTE)))
  await world.advance(60_000)
  await done
  assert.deepEqual(
    world.moved.map(([method, at]) => [method, at / MEBIBYTE]),
    [
      ['POST', 0],
      ['PATCH', 0],
      ['PATCH', 8],
      ['PATCH', 16]
    ]
  )
  assert.deepEqual(kinds(), [['uploaded', 'film', 'film']])
})

test('what does not arrive after several tries may be sent again by the app', async () => {
  const world = new UploadWorld()
  world.script = () => {
    throw new TypeError('no network')
  }
  const { request, done, kinds } = await world.upload(await world.chat(), all(file('a', 3)))
  await world.advance(3_600_000)
  const { failed } = await done
  assert.ok(failed[0].error instanceof CometChatException)
  assert.deepEqual(kinds(), [['failure', 'a', 'ERR_NETWORK']])
  world.script = () => null
  request.retryAttachment('a')
  await world.advance(0)
  await world.advance(0)
  assert.equal(request.getState('a'), 'successful')
})

test('what is refused stays refused, and is tried once', async () => {
  const world = new UploadWorld()
  let calls = 0
  world.script = () => {
    calls += 1
    return refuse(415, 'ERR_FILE_TYPE_REFUSED')
  }
  const { request, done } = await world.upload(await world.chat(), all(file('a', 3)))
  const { rejected } = await done
  assert.equal(rejected[0].error.code, 'ERR_FILE_TYPE_REFUSED')
  request.retryAttachment('a')
  assert.equal(request.getState('a'), 'rejected')
  assert.equal(calls, 1)
})

test('a file that the server refuses once it looked at it says why', async () => {
  const world = new UploadWorld()
  const chat = await world.chat()
  world.script = ({ method }) => {
    if (method === 'PATCH')
      for (const upload of world.uploads.values()) upload.refusal = 'ERR_FILE_INFECTED'
  }
  const { done } = await world.upload(chat, all(file('film', 2 * MEBIBYTE)))
  assert.equal((await done).rejected[0].error.code, 'ERR_FILE_INFECTED')
})

test('the limits of the app are told before anything is sent', async () => {
  const world = new UploadWorld()
  world.settings_ = { 'file.size.max': 5, 'file.count.max': 3 }
  const chat = await world.chat()
  const files = all(file('a', 5), file('b', 6), file('c', 0), file('d', 1))
  const { done } = await world.upload(chat, files)
  const { rejected } = await done
  assert.deepEqual(
    rejected.map(({ fileId, error }) => [fileId, error.code]),
    [
      ['b', 'ERR_FILE_SIZE_EXCEEDED'],
      ['c', 'ERR_FILE_EMPTY'],
      ['d', 'ERR_FILE_COUNT_EXCEEDED']
    ]
  )
  assert.equal(world.uploads.size, 1)
  assert.equal(await chat.getMaxAttachmentCount(), 3)
})

/** Lets a transfer hang until it is stopped. */
const hang = (signal) =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new TypeError('stopped')))
  )

test('a pause stops the bytes, and resume goes on from what has arrived', async () => {
  const world = new UploadWorld()
  let hangs = true
  world.script = ({ headers, signal }) =>
    hangs && headers['upload-offset'] === `${8 * MEBIBYTE}` ? hang(signal) : null
  const { request, done, kinds } = await world.upload(
    await world.chat(),
    all(file('film', 20 * MEBIBYTE))
  )
  while (world.moved.length < 2) await world.advance(0)
  request.pause()
  await world.advance(3_600_000)
  assert.equal(request.getState('film'), 'paused')
  assert.equal(request.getStatus(), 'idle')
  assert.deepEqual(kinds(), [], 'a pause is no end')
  hangs = false
  request.resume()
  await done
  assert.deepEqual(
    world.moved.map(([, at]) => at / MEBIBYTE),
    [0, 0, 8, 16]
  )
})

test('a file that was taken out while it moved is heard of no more', async () => {
  const world = new UploadWorld()
  world.script = ({ method, signal }) => (method === 'PATCH' ? hang(signal) : null)
  const { request, events } = await world.upload(
    await world.chat(),
    all(file('film', 2 * MEBIBYTE))
  )
  while (world.moved.length < 1) await world.advance(0)
  request.clearAll()
  const told = events.length
  await world.advance(3_600_000)
  assert.equal(events.length, told)
  assert.equal(request.getAttachmentCount(), 0)
})

test('a connection that moves nothing for a minute counts as lost', async () => {
  const world = new UploadWorld()
  let calls = 0
  world.script = ({ method, signal, onProgress }) => {
    if (method !== 'PATCH' || ++calls > 1) return null
    onProgress(1)
    return hang(signal)
  }
  const chat = await world.chat()
  const { done } = await world.upload(chat, all(file('film', 2 * MEBIBYTE)))
  while (calls < 1) await world.advance(0)
  await world.advance(120_000)
  assert.equal((await done).successful.length, 1)
})

test('after a reload the same file goes on, and another one does not', async () => {
  const world = new UploadWorld()
  world.script = ({ headers, signal }) =>
    headers['upload-offset'] === `${8 * MEBIBYTE}` ? hang(signal) : null
  await world.upload(await world.chat(), all(file('film', 20 * MEBIBYTE)))
  while (world.moved.length < 2) await world.advance(0)

  world.script = () => null
  world.moved.length = 0
  const later = await world.chat()
  await (
    await world.upload(later, all(file('film', 20 * MEBIBYTE, 2)))
  ).done
  assert.equal(world.moved[0][0], 'POST', 'a file that was changed begins anew')
  world.moved.length = 0
  await (
    await world.upload(later, all(file('film', 20 * MEBIBYTE)))
  ).done
  assert.deepEqual(
    world.moved.map(([method, at]) => [method, at / MEBIBYTE]),
    [
      ['PATCH', 8],
      ['PATCH', 16]
    ]
  )
})

test('a session whose user was stored as none uploads before the server says who it is', async () => {
  const world = new UploadWorld()
  await world.chat()
  const key = 'cloakroom:demoapp:session'
  const stored = JSON.parse(world.items.get(key))
  world.items.set(key, JSON.stringify({ ...stored, user: null }))
  world.routes['PUT me'] = new Promise(() => {})
  const { done, kinds } = await world.upload(await world.reloaded(), all(file('a.txt', 3)))
  await done
  assert.deepEqual(kinds(), [['uploaded', 'a.txt', 'a.txt']])
})

test('an upload of a session that has ended begins anew in the next one', async () => {
  const world = new UploadWorld()
  world.script = ({ headers, signal }) =>
    headers['upload-offset'] === `${8 * MEBIBYTE}` ? hang(signal) : null
  await world.upload(await world.chat(), all(file('film', 20 * MEBIBYTE)))
  while (world.moved.length < 2) await world.advance(0)
  const [old] = world.uploads.keys()
  world.script = ({ path }) =>
    path.endsWith(old) ? refuse(401, 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND') : null
  world.moved.length = 0
  const { done } = await world.upload(await world.chat(), all(file('film', 20 * MEBIBYTE)))
  assert.equal((await done).successful.length, 1)
  assert.deepEqual(world.moved[0], ['POST', 0, 0])
})

test('a nameless file that was paused goes on too', async () => {
  const world = new UploadWorld()
  let hangs = true
  world.script = ({ headers, signal }) =>
    hangs && headers['upload-offset'] === `${8 * MEBIBYTE}` ? hang(signal) : null
  const blob = new Blob([new Uint8Array(20 * MEBIBYTE)])
  const { request, done } = await world.upload(await world.chat(), [{ fileId: 'b', file: blob }])
  while (world.moved.length < 2) await world.advance(0)
  request.pause()
  await world.advance(0)
  hangs = false
  request.resume()
  await done
  assert.deepEqual(
    world.moved.map(([, at]) => at / MEBIBYTE),
    [0, 0, 8, 16]
  )
  assert.equal(world.storage.getItem('cloakroom:demoapp:uploads'), null)
})

test('an upload that the server no longer has begins anew', async () => {
  const world = new UploadWorld()
  world.script = ({ headers, signal }) =>
    headers['upload-offset'] === `${8 * MEBIBYTE}` ? hang(signal) : null
  await world.upload(await world.chat(), all(file('film', 20 * MEBIBYTE)))
  while (world.moved.length < 2) await world.advance(0)
  for (const upload of world.uploads.values()) upload.isGone = true
  world.script = () => null
  world.moved.length = 0
  await (
    await world.upload(await world.chat(), all(file('film', 20 * MEBIBYTE)))
  ).done
  assert.deepEqual(
    world.moved.map(([method, at]) => [method, at / MEBIBYTE]),
    [
      ['POST', 0],
      ['PATCH', 0],
      ['PATCH', 8],
      ['PATCH', 16]
    ]
  )
})

test('no more files are on their way at once than was said', async () => {
  const world = new UploadWorld()
  let moving = 0
  let most = 0
  world.script = async () => {
    most = Math.max(most, ++moving)
    await new Promise((resolve) => setImmediate(resolve))
    moving -= 1
  }
  const files = Array.from({ length: 7 }, (_, n) => file(`${n}`, 3))
  const { done } = await world.upload(await world.chat(), all(...files), (it) =>
    it.setConcurrency(2)
  )
  assert.equal((await done).successful.length, 7)
  assert.equal(most, 2)
})

test('a listener that throws stops no upload', async (context) => {
  const world = new UploadWorld()
  const chat = await world.chat()
  const thrown = []
  context.mock.method(globalThis, 'queueMicrotask', (work) => {
    try {
      work()
    } catch (error) {
      thrown.push(error.message)
    }
  })
  const request = chat.createUploadFileRequest('bob', 'user')
  const done = new Promise((resolve) => request.addUploadListener({ onComplete: resolve }))
  request.uploadAttachments(all(file('a', 3), file('b', 3)), {
    onFileUploaded() {
      throw new Error('mine')
    }
  })
  assert.equal((await done).successful.length, 2)
  assert.deepEqual(thrown, ['mine', 'mine'])
})
