/** Uploads of the SDK against the real server: pause, lost connections, a crash, a reload. */
import assert from 'node:assert/strict'
import { beforeEach, suite, test } from 'node:test'
import { useSite } from '../harness/site_stage.js'
import { until } from '../harness/until.js'

const MEBIBYTE = 1024 * 1024
const SIZE = 20 * MEBIBYTE + 7
const PART = 8 * MEBIBYTE

suite('uploads', () => {
  let demo, site, context, page, offsets
  useSite(
    async () => ({}),
    (stage) => ({ demo, site, context, page } = stage)
  )
  beforeEach(async () => {
    offsets = []
    context.on('request', (request) => {
      const offset = request.method() === 'PATCH' && request.headers()['upload-offset']
      if (offset) offsets.push(Number(offset))
    })
    await site.open(page, demo)
  })

  /** Begins an upload in the page; `window.events` tells of it. */
  const begin = (size = SIZE, waits = false) =>
    page.evaluate(
      async ([size, waits]) => {
        const bytes = Uint8Array.from({ length: size }, (_, n) => (n * 31) % 251)
        const file = new File([bytes], 'large.bin', { lastModified: 1 })
        window.events = []
        window.request = CometChat.createUploadFileRequest('bob', 'user')
        const note = (kind) => (_, value, total, percent) =>
          events.push([kind, value?.code ?? percent ?? null])
        request.uploadAttachment('f', file, {
          onFileProgress: note('progress'),
          onFileUploaded: note('uploaded'),
          onFileFailure: note('failure'),
          onFileError: note('error')
        })
        if (waits)
          await new Promise((resolve) => request.addUploadListener({ onComplete: resolve }))
      },
      [size, waits]
    )
  const state = () => page.evaluate(() => request.getState('f'))
  /** Waits until the first part has arrived and the second one is on its way. */
  const inTheMiddle = () => until(() => offsets.includes(PART), 'the second part is on its way')
  /** Sends what was uploaded and reads it as its receiver: every byte. */
  const checkBytes = async (size = SIZE) => {
    const id = await page.evaluate(async () => {
      const message = new CometChat.MediaMessage('bob', [], 'file', 'user')
      message.setAttachments(request.getAttachments())
      return (await CometChat.sendMediaMessage(message)).getId()
    })
    const bob = await context.newPage()
    await site.open(bob, demo, { uid: 'bob', storage: 'SESSION' })
    const [length, isRight] = await bob.evaluate(async (id) => {
      const message = await CometChat.getMessageDetails(id)
      const [attachment] = message.getAttachments()
      const answer = await fetch(await CometChat.fetchPresignedUrl(attachment.getUrl()))
      const bytes = new Uint8Array(await answer.arrayBuffer())
      return [bytes.length, bytes.every((byte, n) => byte === (n * 31) % 251)]
    }, id)
    assert.deepEqual([length, isRight], [size, true])
  }
  /** Slows the page's uploads down, so that there is a middle. */
  const throttle = async (bytesPerSecond) => {
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: bytesPerSecond
    })
  }

  test('a small file takes one transfer', async () => {
    await begin(1000, true)
    assert.equal(await state(), 'successful')
    assert.deepEqual(offsets, [])
    await checkBytes(1000)
  })

  test('progress goes up to the whole, and the file is what was sent', async () => {
    await begin(SIZE, true)
    const percents = await page.evaluate(() =>
      events.filter(([kind]) => kind === 'progress').map(([, percent]) => percent)
    )
    assert.ok(percents.length > 3 && percents.at(-1) === 100, `${percents}`)
    assert.deepEqual(
      percents,
      percents.toSorted((a, b) => a - b)
    )
    assert.deepEqual(offsets, [0, PART, 2 * PART])
    await checkBytes()
  })

  const INTERRUPTIONS = {
    'a lost connection costs at most one part': async () => {
      await context.setOffline(true)
      await until(() => page.evaluate(() => !navigator.onLine), 'the page is offline')
      await context.setOffline(false)
    },
    'a server that crashes and comes back has what it acknowledged': () => demo.crash(),
    'a paused upload stays where it is until it is resumed': async () => {
      await page.evaluate(() => request.pause())
      assert.equal(await state(), 'paused')
      await page.evaluate(() => request.resume())
    }
  }
  for (const [claim, interrupt] of Object.entries(INTERRUPTIONS)) {
    test(claim, async () => {
      await throttle(10 * MEBIBYTE)
      await begin()
      await inTheMiddle()
      const before = offsets.length
      await interrupt()
      await throttle(-1)
      await until(async () => (await state()) === 'successful', 'the upload ends')
      const after = offsets.slice(before)
      assert.ok(after.length > 0 && after[0] >= PART, `it went on from ${after[0]}`)
      await checkBytes()
    })
  }

  test('after a reload the same file goes on where it was', async () => {
    await throttle(10 * MEBIBYTE)
    await begin()
    await inTheMiddle()
    await site.open(page, demo, { uid: null })
    const before = offsets.length
    await begin(SIZE, true)
    assert.equal(await state(), 'successful')
    assert.ok(offsets[before] >= PART, `it went on from ${offsets[before]}`)
    await checkBytes()
  })

  test('after a logout and a login the same file begins anew', async () => {
    await throttle(10 * MEBIBYTE)
    await begin()
    await inTheMiddle()
    await page.evaluate(() => CometChat.logout())
    await throttle(-1)
    await site.open(page, demo)
    await begin(SIZE, true)
    assert.equal(await state(), 'successful')
    await checkBytes()
  })

  test('the limit of the app is told before a byte moves', async () => {
    const error = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const tooLarge = new File([new Uint8Array(1)], 'x')
          Object.defineProperty(tooLarge, 'size', { value: 200 * 1024 * 1024 })
          const request = CometChat.createUploadFileRequest('bob', 'user')
          request.uploadAttachment('f', tooLarge, {
            onFileError: (_, error) => resolve(error.code)
          })
        })
    )
    assert.equal(error, 'ERR_FILE_SIZE_EXCEEDED')
    assert.equal(await page.evaluate(() => CometChat.getMaxAttachmentCount()), 10)
  })

  test('a file to somebody one may not write to is refused with the code of the server', async () => {
    const code = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const request = CometChat.createUploadFileRequest('nobody-at-all', 'user')
          const tell = (_, error) => resolve(error.code)
          request.uploadAttachment('f', new File(['x'], 'x'), {
            onFileError: tell,
            onFileFailure: tell
          })
        })
    )
    assert.match(code, /^ERR_/)
  })
})
