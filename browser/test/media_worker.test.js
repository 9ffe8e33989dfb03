/** The service worker: clean URLs in plain elements, the token in a header. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { ask, attachments, clean, playMiddle, showImage } from '../harness/media.js'
import { SdkPage } from '../harness/sdk_page.js'
import { useSite } from '../harness/site_stage.js'
import { until } from '../harness/until.js'

const DAY_SECONDS = 24 * 3600

suite('the service worker', () => {
  let demo, site, foreign, context, page, sent
  useSite(
    async () => ({}),
    (stage) => ({ demo, site, context, page } = stage)
  )
  beforeEach(async () => {
    foreign = await SdkPage.serve()
    sent = []
    context.on('request', (request) => sent.push(request))
  })
  afterEach(() => foreign.close())

  /** Opens the page, logs in and starts the worker. */
  const start = async (options = {}, on = page) => {
    await site.open(on, demo, options)
    return startWorker(on)
  }
  const startWorker = (on) =>
    on.evaluate(async () => {
      const { startMediaWorker } = await import('/sdk/worker.js')
      window.worker = await startMediaWorker(CometChat, '/media-worker.js')
      return { isActive: worker.isActive, whyNot: worker.whyNot, error: String(worker.error) }
    })
  const ACTIVE = { isActive: true, whyNot: null, error: 'undefined' }
  const media = async (kind) => {
    const all = await attachments(page, demo)
    return clean(all.find(({ mimeType }) => mimeType.startsWith(kind)).url)
  }
  /** What the worker asked the media host for, preflights aside. */
  const onTheWire = () =>
    sent.filter(
      (it) => it.serviceWorker() && it.method() === 'GET' && it.url().startsWith(demo.line.mediaUrl)
    )

  test('a plain image with a clean URL shows, and no URL holds the token', async () => {
    assert.deepEqual(await start(), ACTIVE)
    const url = await media('image/jpeg')
    assert.ok((await showImage(page, url)) > 0)
    const fat = await page.evaluate(() => CometChat.getFat())
    const requests = onTheWire()
    assert.equal(requests.length, 1)
    assert.equal((await requests[0].allHeaders()).fat, fat)
    for (const request of sent) assert.ok(!request.url().includes(fat), 'a URL holds the token')
  })

  test('a video plays, and is sought in by ranges', async () => {
    await start()
    for (const kind of ['video/', 'audio/']) {
      const played = await playMiddle(page, kind.slice(0, -1), await media(kind))
      assert.equal(played.error, 0, kind)
      assert.ok(Math.abs(played.position - played.duration / 2) < 0.5, `${kind}${played.position}`)
    }
    const ranges = await page.evaluate(async () => {
      const video = document.querySelector('video')
      const seen = []
      for (const part of [0.9, 0.1, 0.6]) {
        video.currentTime = video.duration * part
        await new Promise((resolve) => (video.onseeked = video.onerror = resolve))
        seen.push([
          video.error?.code ?? 0,
          Math.abs(video.currentTime / video.duration - part) < 0.02
        ])
      }
      return seen
    })
    assert.deepEqual(ranges, Array(3).fill([0, true]))
    const statuses = await Promise.all(
      onTheWire().map((it) => it.response().then((r) => r?.status()))
    )
    assert.ok(statuses.includes(206), `${statuses}`)
  })

  test('a range that the page asks for comes as a range', async () => {
    await start()
    const url = await media('video/')
    const answer = await page.evaluate(async (url) => {
      const response = await fetch(url, { headers: { range: 'bytes=10-19' } })
      const range = response.headers.get('content-range')
      return [response.status, range, (await response.arrayBuffer()).byteLength]
    }, url)
    assert.equal(answer[0], 206)
    assert.match(answer[1], /^bytes 10-19\//)
    assert.equal(answer[2], 10)
  })

  test('another host never sees the token, nor the worker', async () => {
    await start()
    const url = await media('image/jpeg')
    const path = new URL(url).pathname
    const lookAlikes = [
      `${foreign.url.slice(0, -1)}${path}`,
      `${foreign.url}?media=${encodeURIComponent(url)}`,
      `${foreign.url.slice(0, -1)}${path}#${url}`
    ]
    sent.length = 0
    for (const other of lookAlikes) await showImage(page, other)
    assert.equal(foreign.asked.length, lookAlikes.length)
    assert.ok(foreign.asked.every(({ headers }) => headers.fat === undefined))
    assert.deepEqual(
      sent.map((request) => request.serviceWorker()),
      Array(lookAlikes.length).fill(null)
    )
  })

  test('after a logout the worker has no token left', async () => {
    await start()
    const url = await media('image/jpeg')
    assert.ok((await showImage(page, url)) > 0)
    await page.evaluate(() => CometChat.logout())
    sent.length = 0
    assert.deepEqual(await ask(page, url), { status: 401, reason: 'fat_missing' })
    assert.deepEqual(
      await Promise.all(onTheWire().map(async (it) => (await it.allHeaders()).fat)),
      [undefined]
    )
  })

  test('each page opens with its own token, and none with that of another page', async () => {
    await start({ storage: 'SESSION' })
    const url = await media('image/jpeg')
    const other = await context.newPage()
    assert.deepEqual(await start({ storage: 'SESSION', uid: demo.line.outsider }, other), ACTIVE)
    assert.deepEqual(await ask(other, url), { status: 403, reason: 'not_permitted' })
    assert.deepEqual(await ask(page, url), { status: 200 })
    const nobody = await context.newPage()
    await site.open(nobody, demo, { storage: 'SESSION', uid: null })
    assert.equal(await nobody.evaluate(() => navigator.serviceWorker.controller !== null), true)
    await nobody.evaluate(async () => {
      const { startMediaWorker } = await import('/sdk/worker.js')
      window.worker = await startMediaWorker(CometChat, '/media-worker.js')
    })
    assert.equal(await nobody.evaluate(() => worker.whyNot), 'unprotected')
  })

  test('a worker that was stopped starts again and opens the next medium', async () => {
    await start()
    const [first, video] = [await media('image/jpeg'), await media('video/')]
    assert.ok((await showImage(page, first)) > 0)
    const session = await context.newCDPSession(page)
    const versions = []
    session.on('ServiceWorker.workerVersionUpdated', (event) => versions.push(...event.versions))
    await session.send('ServiceWorker.enable')
    await session.send('ServiceWorker.stopAllWorkers')
    const statuses = () => versions.map(({ runningStatus }) => runningStatus)
    await until(() => statuses().includes('stopped'), 'the worker is stopped')
    assert.ok((await showImage(page, await media('image/png'))) > 0)
    assert.equal((await playMiddle(page, 'video', video)).error, 0)
    await until(() => statuses().at(-1) === 'running', 'the worker runs again')
  })

  test('a token that the host refuses is renewed, and the medium asked for once more', async () => {
    await start()
    const url = await media('image/jpeg')
    const before = await page.evaluate(() => CometChat.getFat())
    await demo.advance(DAY_SECONDS + 60)
    sent.length = 0
    assert.ok((await showImage(page, url)) > 0)
    const statuses = await Promise.all(
      onTheWire().map((it) => it.response().then((r) => r.status()))
    )
    assert.deepEqual(statuses, [401, 200])
    assert.notEqual(await page.evaluate(() => CometChat.getFat()), before)
  })

  test('a picture that was cached by its token in the query shows too', async () => {
    await site.open(page, demo, { mode: 'EMBEDDED' })
    const all = await attachments(page, demo)
    const { url } = all.find(({ mimeType }) => mimeType === 'image/jpeg')
    assert.ok((await showImage(page, url)) > 0)
    await page.evaluate(() => CometChat.logout())
    await start()
    assert.ok((await showImage(page, clean(url))) > 0)
  })

  test('a reloaded page that takes up its session needs no login', async () => {
    await start()
    const url = await media('image/jpeg')
    await site.open(page, demo, { uid: null })
    assert.deepEqual(await startWorker(page), ACTIVE)
    assert.ok((await showImage(page, url)) > 0)
  })

  test('where it cannot run, the page works without it', async () => {
    await site.open(page, demo)
    const url = await media('image/jpeg')
    for (const [options, whyNot] of [
      [{ container: null }, 'unsupported'],
      [{ script: '/no-such-script.js' }, 'refused'],
      [{ scope: '/elsewhere/' }, 'not_in_control']
    ]) {
      const result = await page.evaluate(
        async ([{ script = '/media-worker.js', ...options }, url]) => {
          const { startMediaWorker } = await import('/sdk/worker.js')
          const worker = await startMediaWorker(CometChat, script, options)
          return [worker.isActive, worker.whyNot, await worker.src(url)]
        },
        [options, url]
      )
      assert.deepEqual(result.slice(0, 2), [false, whyNot])
      assert.ok((await showImage(page, result[2])) > 0, whyNot)
    }
  })
})
