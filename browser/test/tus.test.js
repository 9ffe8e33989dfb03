/** Resumable uploads by the clients that others wrote. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { launchBrowser } from '../harness/browser.js'
import { Demo } from '../harness/demo.js'
import { TusPage } from '../harness/tus_page.js'

const run = promisify(execFile)
const MEBIBYTE = 1024 * 1024

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

  test('tuspy uploads in chunks', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'cloakroom-tuspy-'))
    try {
      const packages = join(folder, 'packages')
      try {
        const install = ['-m', 'pip', 'install', '--quiet', '--target', packages, 'tuspy==1.1.0']
        await run('python3', install)
      } catch (error) {
        context.skip(`tuspy cannot be installed: ${String(error.stderr || error.message).trim()}`)
        return
      }
      const alice = await login('alice')
      const file = join(folder, 'some.bin')
      const bytes = Buffer.alloc(2 * MEBIBYTE + 3, 'tuspy')
      await writeFile(file, bytes)
      const script = `
import json, sys
from tusclient import client
endpoint, headers, path = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
uploader = client.TusClient(endpoint, headers=headers).uploader(path, chunk_size=700_000,
    metadata={"filename": "some.bin", "receiver": "bob"}, upload_checksum=True)
uploader.upload_chunk()
print(uploader.offset)
uploader.upload()
print(uploader.url)
`
      const headers = JSON.stringify({ appid: demo.line.appId, authtoken: alice.authtoken })
      const { stdout } = await run('python3', ['-c', script, `${api}/files/tus`, headers, file], {
        env: { ...process.env, PYTHONPATH: packages }
      })
      const [offset, location] = stdout.trim().split('\n')
      assert.equal(offset, '700000')
      assert.ok((await readByReceiver(alice, location)).equals(bytes))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
