/** The SDK in Chromium, Firefox and WebKit: one short suite for each that starts here. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { Demo } from '../harness/demo.js'
import { sendPictures } from '../harness/elements_page.js'
import { ENGINES, start } from '../harness/engines.js'
import { SdkPage, initialise } from '../harness/sdk_page.js'

/** Past the renewal, and before the end, of what a film is loaded by. */
const NEARLY_ONE_LIFE_SECONDS = 870
/** Longest step of media time across the swap. */
const LONGEST_STEP_SECONDS = 0.25

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

    inEngine(
      '<cloak-img> shows a picture, and what is taken back leaves the screen',
      async (page) => {
        const [url] = await sendPictures(demo, 1)
        await open(page, 'EMBEDDED')
        await page.run(showElement, { tag: 'cloak-img', url })
        await page.run(() => window.inState('shown'))
        assert.ok((await page.run(() => window.it.image.naturalWidth)) > 0)
        // The stream is opened for all that is asked for in one moment.
        await page.run(() => new Promise((resolve) => setTimeout(resolve, 800)))
        await demo.revoke('file', url.match(/[0-9a-f]{32}/)[0])
        const { reason } = await page.run(() => window.inState('gone'))
        assert.equal(reason, 'gone')
        assert.equal(await page.run(() => window.it.image.getAttribute('src')), null)
      }
    )

    inEngine('<cloak-video> plays on through a renewal', async (page) => {
      const { video } = await open(page, 'HEADER_BASED')
      await page.run(showElement, { tag: 'cloak-video', url: video })
      await page.run(() => window.inState('shown'))
      await page.run(playElement)
      const before = await page.run(() => window.it.player.src)
      await demo.advance(NEARLY_ONE_LIFE_SECONDS)
      const after = await page.run(sleepAndWatch, NEARLY_ONE_LIFE_SECONDS)
      assert.notEqual(after.src, before, 'by another URL')
      assert.ok(after.moved > 0, 'it goes on')
      assert.ok(after.largestStep <= LONGEST_STEP_SECONDS, `a step of ${after.largestStep} s`)
      assert.ok(after.smallestStep >= 0, `back by ${-after.smallestStep} s`)
      assert.deepEqual(after.errors, [])
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

async function showElement({ tag, url }) {
  await import('/sdk/elements.js')
  const it = document.createElement(tag)
  it.setAttribute('width', 320)
  it.setAttribute('height', 180)
  it.setAttribute('muted', '')
  const told = []
  window.errors = []
  it.addEventListener('cloak-state', ({ detail }) => told.push(detail))
  it.addEventListener('cloak-error', ({ detail }) => window.errors.push(detail.code))
  window.inState = async (state) => {
    while (told.at(-1)?.state !== state) await new Promise((resolve) => setTimeout(resolve, 20))
    return { reason: told.at(-1).reason ?? null }
  }
  it.src = url
  document.body.replaceChildren(it)
  window.it = it
}

async function playElement() {
  await window.it.play()
  while (!(window.it.currentTime > 0.5)) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Time passes for the page as it did for the server; gives what became of the film. */
async function sleepAndWatch(seconds) {
  const { it } = window
  const src = it.player.src
  const times = []
  const timer = setInterval(() => times.push(it.currentTime), 20)
  const now = Date.now.bind(Date)
  Date.now = () => now() + seconds * 1000
  document.dispatchEvent(new Event('visibilitychange'))
  const wait = () => new Promise((resolve) => setTimeout(resolve, 20))
  while (it.player.src === src) await wait()
  const start = it.currentTime
  while (!(it.currentTime > start + 0.3)) await wait()
  clearInterval(timer)
  const steps = times.slice(1).map((time, index) => time - times[index])
  return {
    src: it.player.src,
    moved: it.currentTime - start,
    largestStep: Math.max(...steps),
    smallestStep: Math.min(...steps),
    errors: window.errors
  }
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
