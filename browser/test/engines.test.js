/** The SDK in Chromium, Firefox and WebKit: one short suite for each that starts here. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { Demo } from '../harness/demo.js'
import { sendPictures } from '../harness/elements_page.js'
import { ENGINES, start } from '../harness/engines.js'
import { SdkPage, initialise } from '../harness/sdk_page.js'

/** Past the renewal, and before the end, of what a film is loaded by. */
const BEFORE_ITS_END_SECONDS = 10
/** Longest step of media time across the swap. */
const LONGEST_STEP_SECONDS = 0.25

let demo, site
/** How far the demo's clock is ahead. */
let aheadSeconds = 0

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
      await page.run(defineWaiting)
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
      if (!result.isActive) return
      assert.ok(!/[?]/.test(result.src), 'its URL is clean')
      assert.deepEqual(result.part, { status: 206, bytes: 10, range: 'bytes 10-19' })
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
      const end = Number(new URL(before).searchParams.get('Expires')) - aheadSeconds
      const seconds = Math.floor(end - Date.now() / 1000 - BEFORE_ITS_END_SECONDS)
      await demo.advance(seconds)
      aheadSeconds += seconds
      const after = await page.run(sleepAndWatch, seconds)
      assert.notEqual(after.src, before, 'by another URL')
      assert.ok(after.moved > 0, 'it goes on')
      assert.ok(after.largestStep <= LONGEST_STEP_SECONDS, `a step of ${after.largestStep} s`)
      assert.ok(after.smallestStep >= 0, `back by ${-after.smallestStep} s`)
      assert.deepEqual(after.errors, [])
      assert.deepEqual(after.loads, ['first', 'renewal'], 'not because it failed')
    })
  })
}

/* What follows runs in the page. */

/** What waits says what it waited for, at once where there is no URL, else in the end. */
function defineWaiting() {
  window.until = async (condition, what) => {
    const end = performance.now() + 20_000
    while (!condition()) {
      if (performance.now() > end) throw new Error(`did not happen: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  window.event = async (element, name, start) => {
    let heard = false
    for (const type of [name, 'error']) {
      element.addEventListener(type, () => (heard = true), { once: true })
    }
    await start?.()
    if (!element.getAttribute('src')) throw new Error(`<${element.localName}> was given no URL`)
    await window.until(() => heard, `${name} of ${element.localName}`)
  }
}

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
  window.loads = []
  it.addEventListener('cloak-state', ({ detail }) => told.push(detail))
  it.addEventListener('cloak-error', ({ detail }) => window.errors.push(detail.code))
  it.addEventListener('cloak-load', ({ detail }) => window.loads.push(detail.why))
  window.inState = async (state) => {
    await window.until(() => told.at(-1)?.state === state, state)
    return { reason: told.at(-1).reason ?? null }
  }
  it.src = url
  document.body.replaceChildren(it)
  window.it = it
}

async function playElement() {
  await window.it.play()
  await window.until(() => window.it.currentTime > 0.5, 'it plays')
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
  await window.until(() => it.player.src !== src, 'it goes on by another URL')
  const start = it.currentTime
  await window.until(() => it.currentTime > start + 0.3, 'it plays on')
  clearInterval(timer)
  const steps = times.slice(1).map((time, index) => time - times[index])
  return {
    src: it.player.src,
    moved: it.currentTime - start,
    largestStep: Math.max(...steps),
    smallestStep: Math.min(...steps),
    errors: window.errors,
    loads: window.loads
  }
}

async function showImage({ url, mode }) {
  const image = document.body.appendChild(new Image())
  await window.event(image, 'load', async () => {
    image.src = mode === 'EMBEDDED' ? url : await CometChat.fetchPresignedUrl(url)
  })
  return image.naturalWidth
}

async function playMiddle({ url, mode }) {
  const video = document.body.appendChild(document.createElement('video'))
  video.muted = true
  video.preload = 'auto'
  await window.event(video, 'loadeddata', async () => {
    video.src = mode === 'EMBEDDED' ? url : await CometChat.fetchPresignedUrl(url)
  })
  await window.event(video, 'seeked', () => (video.currentTime = video.duration / 2))
  const position = video.currentTime
  await video.play().catch(() => {})
  await window.event(video, 'timeupdate')
  await window.event(video, 'timeupdate')
  const moved = video.currentTime - position
  return { error: video.error?.code ?? 0, duration: video.duration, position, moved }
}

async function withWorker({ image, video }) {
  const { startMediaWorker } = await import('/sdk/worker.js')
  const worker = await startMediaWorker(CometChat, '/media-worker.js')
  const element = document.body.appendChild(new Image())
  await window.event(element, 'load', () => worker.show(element, image))
  const player = document.body.appendChild(document.createElement('video'))
  player.muted = true
  await window.event(player, 'loadeddata', () => worker.show(player, video))
  const { isActive, whyNot, error } = worker
  const answer = isActive && (await fetch(video, { headers: { range: 'bytes=10-19' } }))
  return {
    isActive,
    part: answer && {
      status: answer.status,
      bytes: (await answer.arrayBuffer()).byteLength,
      range: answer.headers.get('content-range')?.split('/')[0]
    },
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
