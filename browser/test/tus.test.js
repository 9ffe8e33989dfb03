/** Resumable uploads by the clients that others wrote. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as tus from 'tus-js-client'
import { launchBrowser } from '../harness/browser.js'
import { CuttingProxy } from '../harness/cutting_proxy.js'
import { Demo } from '../harness/demo.js'
import { TusPage } from '../harness/tus_page.js'
import { throttle } from '../harness/throttle.js'
import { until } from '../harness/until.js'

const run = promisify(execFile)
const MEBIBYTE = 1024 * 1024
const PYTHON_PACKAGES = fileURLToPath(new URL('../../target/python-packages', import.meta.url))
const PRELUDE = `
import json, sys
from tusclient import client
endpoint, headers, path = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
uploader = client.TusClient(endpoint, headers=headers).uploader(path, chunk_size=700_000,
    metadata={"filename": "some.bin", "receiver": "bob"}, upload_checksum=True)
`

suite('resumable uploads', () => {
  let demo, browser, served, api

  before(async () => {
    demo = await Demo.start()
    browser = await launchBrowser()
    served = await TusPage.serve()
    api = `${demo.line.apiUrl}/v3`
  })
  after(async () => {
    await browser?.close()
    served?.close()
    await demo?.stop()
  })

  const call = async (method, path, headers, body) => {
    const response = await fetch(`${api}/${path}`, {
      method,
      headers: { appid: demo.line.appId, 'content-type': 'application/json', ...headers },
      body: body && JSON.stringify(body)
    })
    const answer = await response.json()
    assert.equal(response.status, 200, JSON.stringify(answer))
    return answer.data
  }
  const login = async (uid) => {
    const made = await call('POST', `users/${uid}/auth_tokens`, { apikey: demo.line.apiKey }, {})
    const { fat } = await call('PUT', 'me', { authtoken: made.authToken }, {})
    return { fat, authtoken: made.authToken }
  }
  /** Sends what was uploaded, and gives what the receiver reads. */
  const readByReceiver = async (sender, location) => {
    const id = location.split('/').at(-1)
    const { attachment } = await call('GET', `files/${id}`, { authtoken: sender.authtoken })
    await call(
      'POST',
      'messages',
      { authtoken: sender.authtoken },
      {
        receiver: 'bob',
        receiverType: 'user',
        category: 'message',
        type: 'file',
        data: { attachments: [{ url: attachment.url }] }
      }
    )
    const { fat } = await login('bob')
    const response = await fetch(`${attachment.url}?fat=${fat}`)
    assert.equal(response.status, 200)
    return Buffer.from(await response.arrayBuffer())
  }

  test('tus-js-client goes on in a page that was closed in the middle', async () => {
    const alice = await login('alice')
    const context = await browser.newContext()
    const upload = async (page, stopAt) =>
      page.evaluate(
        ([endpoint, headers, size, stopAt]) =>
          new Promise((resolve, reject) => {
            const bytes = new Uint8Array(size).map((_, i) => (i * 31) % 251)
            const file = new File([bytes], 'large.bin', { lastModified: 1 })
            let first
            const upload = new tus.Upload(file, {
              endpoint,
              headers,
              chunkSize: 3 * 1024 * 1024,
              retryDelays: null,
              metadata: { filename: file.name, receiver: 'bob', receiverType: 'user' },
              onProgress: (sent) => (first ??= sent),
              onChunkComplete: (_, accepted) => {
                if (stopAt && accepted >= stopAt) upload.abort().then(() => resolve({ first }))
              },
              onError: reject,
              onSuccess: () => resolve({ first, url: upload.url })
            })
            void upload.findPreviousUploads().then(([before]) => {
              if (before) upload.resumeFromPreviousUpload(before)
              upload.start()
            })
          }),
        [
          `${api}/files/tus`,
          { appid: demo.line.appId, authtoken: alice.authtoken },
          10 * MEBIBYTE + 7,
          stopAt
        ]
      )
    const first = await context.newPage()
    await first.goto(served.url)
    await upload(first, 6 * MEBIBYTE)
    await first.close()
    const second = await context.newPage()
    await second.goto(served.url)
    const done = await upload(second, 0)
    assert.ok(done.first >= 6 * MEBIBYTE, `it began again at ${done.first}`)
    const bytes = await readByReceiver(alice, done.url)
    assert.equal(bytes.length, 10 * MEBIBYTE + 7)
    assert.ok(bytes.every((byte, i) => byte === (i * 31) % 251))
    await context.close()
  })

  test('tus-js-client goes on by itself after killed servers and a sleep', async () => {
    const alice = await login('alice')
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(served.url)
    await throttle(page, MEBIBYTE / 2)
    const size = 8 * MEBIBYTE + 7
    await page.evaluate(
      ([endpoint, headers, size]) => {
        const bytes = new Uint8Array(size).map((_, i) => (i * 31) % 251)
        Object.assign(window, { sent: 0, accepted: 0, told: [] })
        const upload = new tus.Upload(new File([bytes], 'large.bin'), {
          endpoint,
          headers,
          chunkSize: 2 * 1024 * 1024,
          retryDelays: Array(500).fill(100),
          onShouldRetry: () => true,
          metadata: { filename: 'large.bin', receiver: 'bob', receiverType: 'user' },
          onProgress: (sent) => (window.sent = sent),
          onChunkComplete: (_, accepted) => (window.accepted = accepted),
          onAfterResponse: (request, response) => {
            const offset = response.getHeader('Upload-Offset')
            if (!offset || request.getMethod() === 'POST') return
            window.told.push({
              offset: Number(offset),
              method: request.getMethod(),
              acknowledged: window.accepted
            })
          },
          onError: (error) => (window.failed = String(error)),
          onSuccess: () => (window.url = upload.url)
        })
        upload.start()
      },
      [`${api}/files/tus`, { appid: demo.line.appId, authtoken: alice.authtoken }, size]
    )
    const reached = (bytes) =>
      until(() => page.evaluate((bytes) => window.sent >= bytes, bytes), `${bytes} bytes sent`)
    await reached(2.5 * MEBIBYTE)
    assert.ok((await page.evaluate(() => window.accepted)) >= 2 * MEBIBYTE)
    // Either the client asks how far it came, or the browser sends the broken chunk again by itself.
    const accepted = () => page.evaluate(() => window.accepted)
    const beforeTheCrash = await accepted()
    await demo.crash()
    await until(async () => (await accepted()) > beforeTheCrash, 'it went on')
    await reached(4.5 * MEBIBYTE)
    await demo.crash()
    await demo.advance(2 * 24 * 3600)
    await throttle(page, 0)
    const url = await until(() => page.evaluate(() => window.url ?? window.failed), 'the end')
    const told = await page.evaluate(() => window.told)
    assert.ok(told.length >= 4, 'chunks were acknowledged')
    for (const { offset, method, acknowledged } of told) {
      assert.ok(offset >= 2 * MEBIBYTE && offset <= size, `${offset}`)
      assert.ok(method !== 'HEAD' || offset < size, `${offset}`)
      assert.ok(offset >= acknowledged, `${acknowledged} were acknowledged, ${offset} are there`)
    }
    const bytes = await readByReceiver(alice, url)
    assert.equal(bytes.length, size)
    assert.ok(bytes.every((byte, i) => byte === (i * 31) % 251))
    await context.close()
  })

  test('tus-js-client goes on by itself when its connection breaks twice', async () => {
    const alice = await login('alice')
    const sent = Buffer.alloc(8 * MEBIBYTE + 7).map((_, i) => (i * 31) % 251)
    const port = Number(new URL(api).port)
    const proxy = await CuttingProxy.start(port, [5 * MEBIBYTE, 8 * MEBIBYTE])
    let [accepted, shown] = [0, 0]
    const resumedAt = []
    const backwards = []
    try {
      const url = await new Promise((resolve, reject) => {
        const upload = new tus.Upload(sent, {
          endpoint: `${api}/files/tus`,
          headers: { appid: demo.line.appId, authtoken: alice.authtoken },
          httpStack: new tus.DefaultHttpStack({ agent: proxy.agent }),
          chunkSize: 2 * MEBIBYTE,
          retryDelays: Array(100).fill(50),
          metadata: { filename: 'large.bin', receiver: 'bob', receiverType: 'user' },
          onAfterResponse: (request, response) => {
            const offset = response.getHeader('Upload-Offset')
            if (offset !== undefined) accepted = Number(offset)
            if (request.getMethod() !== 'HEAD' || offset === undefined) return
            resumedAt.push(accepted)
            shown = accepted
          },
          onProgress: (bytes) => {
            if (bytes < shown || bytes < accepted) backwards.push({ bytes, shown, accepted })
            shown = bytes
          },
          onError: reject,
          onSuccess: () => resolve(upload.url)
        })
        upload.start()
      })
      assert.equal(proxy.broken, 2)
      assert.deepEqual(backwards, [])
      assert.ok(resumedAt.length >= 2 && resumedAt[0] >= 4 * MEBIBYTE, `${resumedAt}`)
      assert.ok(
        resumedAt.every((offset, i) => offset >= (resumedAt[i - 1] ?? 0)),
        `${resumedAt}`
      )
      assert.ok((await readByReceiver(alice, url)).equals(sent))
    } finally {
      proxy.close()
    }
  })

  /** tuspy as it is on PyPI: where `cargo xtask setup` put it, or aloud why it is not there. */
  const tuspy = async (context, script, folder, alice, bytes) => {
    const file = join(folder, 'some.bin')
    await writeFile(file, bytes)
    const headers = JSON.stringify({ appid: demo.line.appId, authtoken: alice.authtoken })
    const env = { ...process.env, PYTHONPATH: PYTHON_PACKAGES }
    try {
      await run('python3', ['-c', 'import tusclient'], { env })
    } catch {
      context.skip('tuspy is not installed: cargo xtask setup')
      return undefined
    }
    const words = ['-c', PRELUDE + script, `${api}/files/tus`, headers, file]
    return spawn('python3', words, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  }
  const inFolder = async (work) => {
    const folder = await mkdtemp(join(tmpdir(), 'cloakroom-tuspy-'))
    try {
      await work(folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  test('tuspy uploads in chunks, each with its checksum', (context) =>
    inFolder(async (folder) => {
      const alice = await login('alice')
      const bytes = Buffer.alloc(2 * MEBIBYTE + 3, 'tuspy')
      const script =
        'uploader.upload_chunk()\nprint(uploader.offset)\nuploader.upload()\nprint(uploader.url)'
      const child = await tuspy(context, script, folder, alice, bytes)
      if (!child) return
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      assert.equal((await lines.next()).value, '700000')
      assert.ok((await readByReceiver(alice, (await lines.next()).value)).equals(bytes))
    }))

  test('tuspy goes on after a killed server and a sleep', (context) =>
    inFolder(async (folder) => {
      const alice = await login('alice')
      const bytes = Buffer.alloc(2 * MEBIBYTE + 3, 'asleep')
      const script = `
uploader.upload_chunk()
print(uploader.url, flush=True)
sys.stdin.readline()
again = client.TusClient(endpoint, headers=headers).uploader(path, url=uploader.url,
    chunk_size=700_000, upload_checksum=True, retries=20, retry_delay=1)
print(again.offset, flush=True)
again.upload()
print(again.offset, flush=True)
`
      const child = await tuspy(context, script, folder, alice, bytes)
      if (!child) return
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      const location = (await lines.next()).value
      await demo.crash()
      await demo.advance(2 * 24 * 3600)
      child.stdin.end('\n')
      assert.equal((await lines.next()).value, '700000')
      assert.equal((await lines.next()).value, String(bytes.length))
      assert.ok((await readByReceiver(alice, location)).equals(bytes))
    }))
})
