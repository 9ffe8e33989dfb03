/** The SDK in Chromium, Firefox and WebKit: one short suite for each that starts here. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { Demo } from '../harness/demo.js'
import { ENGINES, start } from '../harness/engines.js'
import { SdkPage, initialise } from '../harness/sdk_page.js'

let demo, site

before(async () => {
  demo = await Demo.start()
  site = await SdkPage.serve()
})
after(async () => {
  site?.close()
  await demo?.stop()
})

for (const name of Object.keys(ENGINES)) {
  suite(name, () => {
    let engine, whyNot

    before(async () => {
      ;({ engine, whyNot } = await start(name))
    })
    after(() => engine?.close())

    /** Skips aloud where the engine does not start. */
    const inEngine = (what, body) =>
      test(what, async (context) => {
        if (whyNot) return context.skip(whyNot)
        context.diagnostic(engine.version)
        await body(engine.page, context)
      })
    const open = async (page, mode) => {
      await page.goto(site.url)
      await page.run(async () => {
        while (!window.ready) await new Promise((resolve) => setTimeout(resolve, 10))
      })
      const options = { line: demo.line, mode, storage: 'SESSION', uid: demo.line.users[0] }
      await page.run(initialise, options)
      return page.run(findMedia, { bob: demo.line.users[1], trip: demo.line.group })
    }

    for (const mode of ['EMBEDDED', 'HEADER_BASED']) {
      inEngine(`${mode}: an image shows, and nothing opens without a credential`, async (page) => {
        const { image } = await open(page, mode)
        assert.ok((await page.run(showImage, { url: image, mode })) > 0)
        const status = await page.run(
          async (url) => (await fetch(url, { cache: 'no-store' })).status,
          image.split('?')[0]
        )
        assert.equal(status, 401)
      })

      inEngine(`${mode}: a video plays from its middle`, async (page) => {
        const { video } = await open(page, mode)
        const played = await page.run(playMiddle, { url: video, mode })
        assert.equal(played.error, 0)
        assert.ok(Math.abs(played.position - played.duration / 2) < 1, JSON.stringify(played))
        assert.ok(played.moved > 0, 'it plays on')
      })
    }

    inEngine('the service worker opens a clean URL, or says why not', async (page, context) => {
      const { image, video } = await open(page, 'HEADER_BASED')
      const result = await page.run(withWorker, { image, video })
      if (!result.isActive) context.diagnostic(`without it here: ${result.whyNot} ${result.error}`)
      assert.ok(result.width > 0, 'the image shows')
      assert.equal(result.videoError, 0)
      if (result.isActive) assert.ok(!/[?]/.test(result.src), 'its URL is clean')
    })

    inEngine('an upload arrives, with progress', async (page) => {
      await open(page, 'HEADER_BASED')
      const result = await page.run(upload)
      assert.equal(result.code, null)
      assert.equal(result.percent, 100)
      assert.equal(result.attachments, 1)
    })

    inEngine('what is taken back is told while it is on the screen', async (page) => {
      const { image } = await open(page, 'EMBEDDED')
      await page.run(async (url) => {
        window.gone = new Promise((resolve) => CometChat.watchMedia(url, resolve))
        // The stream is opened for all that is asked for in one moment.
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }, image)
      await demo.newSession(demo.line.users[0])
      await page.run(() => CometChat.logout())
      assert.equal((await page.run(() => window.gone)).reason, 'session_ended')
    })
  })
}

/* What follows runs in the page. */

async function findMedia({ bob, trip }) {
  const builder = () => new CometChat.MessagesRequestBuilder().setLimit(100)
  const pages = [
    await builder().setUID(bob).build().fetchPrevious(),
    await builder().setGUID(trip).build().fetchPrevious()
  ]
  const all = pages.flat().flatMap((message) => message.getAttachments?.() ?? [])
  const one = (type) => all.find((it) => it.getMimeType() === type).getUrl()
  return { image: one('image/jpeg'), video: one('video/webm') }
}

async function showImage({ url, mode }) {
  const image = document.body.appendChild(new Image())
  const src = mode === 'EMBEDDED' ? url : await CometChat.fetchPresignedUrl(url)
  await new Promise((resolve) => {
    image.onload = image.onerror = resolve
    image.src = src
  })
  return image.naturalWidth
}

async function playMiddle({ url, mode }) {
  const video = document.body.appendChild(document.createElement('video'))
  video.muted = true
  video.preload = 'auto'
  const next = (name) =>
    new Promise((resolve) => {
      video.addEventListener(name, resolve, { once: true })
      video.addEventListener('error', resolve, { once: true })
    })
  const loaded = next('loadeddata')
  video.src = mode === 'EMBEDDED' ? url : await CometChat.fetchPresignedUrl(url)
  await loaded
  const seeked = next('seeked')
  video.currentTime = video.duration / 2
  await seeked
  const position = video.currentTime
  await video.play().catch(() => {})
  await next('timeupdate')
  await next('timeupdate')
  const moved = video.currentTime - position
  return { error: video.error?.code ?? 0, duration: video.duration, position, moved }
}

async function withWorker({ image, video }) {
  const { startMediaWorker } = await import('/sdk/worker.js')
  const worker = await startMediaWorker(CometChat, '/media-worker.js')
  const element = document.body.appendChild(new Image())
  await new Promise((resolve) => {
    element.onload = element.onerror = resolve
    void worker.show(element, image)
  })
  const player = document.body.appendChild(document.createElement('video'))
  player.muted = true
  await new Promise((resolve) => {
    player.onloadeddata = player.onerror = resolve
    void worker.show(player, video)
  })
  const { isActive, whyNot, error } = worker
  return {
    isActive,
    whyNot,
    error: String(error),
    src: element.src,
    width: element.naturalWidth,
    videoError: player.error?.code ?? 0
  }
}

async function upload() {
  const file = new File([new Uint8Array(3_000_000)], 'some.bin')
  const request = CometChat.createUploadFileRequest('bob', 'user')
  return new Promise((resolve) => {
    let percent = 0
    let code = null
    request.uploadAttachment('f', file, {
      onFileProgress: (_, loaded, total, now) => (percent = now),
      onFileError: (_, error) => (code = error.code),
      onFileFailure: (_, error) => (code = error.code),
      onComplete: () => resolve({ percent, code, attachments: request.getAttachments().length })
    })
  })
}
