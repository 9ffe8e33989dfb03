/** Both secure media modes, on a customer's own page. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, suite, test } from 'node:test'
import { launchBrowser, Watch } from '../harness/browser.js'
import { Demo } from '../harness/demo.js'
import {
  ask,
  attachments,
  clean,
  login,
  playMiddle,
  presigned,
  showByTheSeedsLoop,
  showImage
} from '../harness/media.js'
import { PlainPage } from '../harness/plain_page.js'
import { until } from '../harness/until.js'

const HAVE_CURRENT_DATA = 2
const SHORTEST_VIDEO_SECONDS = 20
const LONGEST_PRESIGN_SECONDS = 900

suite('secure media modes', () => {
  let demo, browser, plain, context, page, watch

  before(async () => {
    demo = await Demo.start()
    browser = await launchBrowser()
    plain = await PlainPage.serve()
  })
  after(async () => {
    await browser?.close()
    plain?.close()
    await demo?.stop()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    page = await context.newPage()
    watch = await Watch.of(page)
  })
  afterEach(() => context.close())

  const start = async (mode) => {
    await plain.open(page, demo, mode)
    await login(page, demo)
    return attachments(page, demo)
  }
  const one = (all, kind) => {
    const found = all.find(({ mimeType }) => mimeType.startsWith(kind))
    assert.ok(found, `the demo has a medium of type ${kind}`)
    return found
  }
  const mediaRequests = () => watch.requests(demo.line.mediaUrl)

  for (const mode of ['EMBEDDED', 'HEADER_BASED']) {
    const resolve = (url) => (mode === 'EMBEDDED' ? url : presigned(page, url))

    test(`${mode}: images render`, async () => {
      const images = (await start(mode)).filter(({ mimeType }) => /^image\/(?!svg)/.test(mimeType))
      assert.ok(images.length >= 3, 'a JPEG, a PNG and an animation')
      for (const { name, url } of images) {
        assert.ok((await showImage(page, await resolve(url))) > 0, name)
      }
      assert.deepEqual(watch.faults(), [])
    })

    test(`${mode}: videos play from their middle, by ranges`, async () => {
      const videos = (await start(mode)).filter(({ mimeType }) => mimeType.startsWith('video/'))
      assert.ok(videos.length > 0, 'the demo has a video')
      let longest = 0
      for (const { name, url } of videos) {
        watch.forget()
        const video = await playMiddle(page, 'video', await resolve(url))
        assert.equal(video.error, 0, name)
        assert.ok(video.readyState >= HAVE_CURRENT_DATA, `${name}: readyState ${video.readyState}`)
        assert.ok(Math.abs(video.position - video.duration / 2) < 0.5, `${name}: ${video.position}`)
        const statuses = mediaRequests().map(({ status }) => status)
        assert.ok(statuses.includes(206), `${name}: ${statuses}`)
        longest = Math.max(longest, video.duration)
      }
      assert.ok(longest >= SHORTEST_VIDEO_SECONDS, `${longest} s`)
    })

    test(`${mode}: audio plays`, async () => {
      const { name, url } = one(await start(mode), 'audio/')
      const audio = await playMiddle(page, 'audio', await resolve(url))
      assert.equal(audio.error, 0, name)
      assert.ok(audio.readyState >= HAVE_CURRENT_DATA)
    })

    test(`${mode}: without a token nothing opens`, async () => {
      const all = await start(mode)
      for (const kind of ['image/jpeg', 'video/', 'audio/']) {
        const url = clean(one(all, kind).url)
        assert.deepEqual(await ask(page, url), { status: 401, reason: 'fat_missing' })
      }
      assert.equal(await showImage(page, clean(one(all, 'image/jpeg').url)), 0)
      const video = await playMiddle(page, 'video', clean(one(all, 'video/').url))
      assert.notEqual(video.error, 0)
    })

    test(`${mode}: after a logout nothing opens any more, cached or not`, async () => {
      const all = await start(mode)
      const image = await resolve(one(all, 'image/jpeg').url)
      const video = await resolve(one(all, 'video/').url)
      const audio = await resolve(one(all, 'audio/').url)
      assert.ok((await showImage(page, image)) > 0)
      assert.equal((await playMiddle(page, 'video', video)).error, 0)
      await page.evaluate(() => CometChat.logout())
      assert.equal(await page.evaluate(() => CometChat.getFat()), null)

      // A new document has no decoded pictures left; what the HTTP cache has, it still has.
      await page.goto(plain.url)
      for (const url of [image, video, audio]) {
        assert.deepEqual(await ask(page, url), { status: 401, reason: 'session_ended' })
      }
      assert.equal(await showImage(page, image), 0)
      assert.notEqual((await playMiddle(page, 'video', video)).error, 0)
      assert.notEqual((await playMiddle(page, 'audio', audio)).error, 0)
    })

    test(`${mode}: the script in an SVG never runs`, async () => {
      const svg = await resolve(one(await start(mode), 'image/svg').url)
      const title = await page.title()
      for (const element of [
        `<img src="${svg}">`,
        `<iframe src="${svg}">`,
        `<object data="${svg}">`
      ]) {
        watch.forget()
        await page.evaluate((html) => (document.body.innerHTML = html), element)
        await until(() => mediaRequests().at(-1)?.status, `the host answers ${element}`)
      }
      const other = await context.newPage()
      const download = other.waitForEvent('download')
      await other.goto(svg).catch(() => {})
      assert.equal(await (await download).failure(), null)

      assert.equal(await page.title(), title)
      for (const frame of [...page.frames(), ...other.frames()]) {
        const marks = await frame.evaluate(() =>
          Object.keys(window).filter((name) => name.startsWith('cloakroomSvg'))
        )
        assert.deepEqual(marks, [], frame.url())
      }
    })
  }

  test('EMBEDDED: the URLs of message objects carry the token', async () => {
    const all = await start('EMBEDDED')
    const fat = await page.evaluate(() => CometChat.getFat())
    assert.match(fat, /^[\w-]+\.[\w-]+\.[\w-]+$/)
    for (const { url } of all) assert.equal(new URL(url).searchParams.get('fat'), fat)
    assert.equal(await page.evaluate(() => CometChatHelper.isHeaderModeEnabled()), false)
  })

  test('HEADER_BASED: no token appears in any URL', async () => {
    const all = await start('HEADER_BASED')
    const fat = await page.evaluate(() => CometChat.getFat())
    for (const { url } of all) {
      assert.equal(url, clean(url))
      const opens = await presigned(page, url)
      assert.deepEqual(await ask(page, opens), { status: 200 })
    }
    assert.equal(await page.evaluate(() => CometChatHelper.isHeaderModeEnabled()), true)
    const urls = watch.requests('http').map(({ url }) => url)
    assert.ok(urls.length > all.length)
    for (const url of urls) {
      assert.ok(!url.includes(fat), 'a URL holds the token')
      assert.ok(!new URL(url).searchParams.has('fat'), 'a URL has the parameter fat')
    }
    assert.ok(!demo.log.includes(fat), 'the log holds the token')
  })

  test('HEADER_BASED: the URLs of one tick are presigned in one call', async () => {
    const urls = (await start('HEADER_BASED')).map(({ url }) => url)
    watch.forget()
    await page.evaluate(
      (urls) => Promise.all(urls.map((url) => CometChat.fetchPresignedUrl(url))),
      urls
    )
    const posts = watch.requests(demo.line.apiUrl).filter(({ method }) => method === 'POST')
    assert.equal(posts.length, 1)
  })

  test("an expired presigned URL is fetched again once, by the seed's loop, and renders", async () => {
    const { url } = one(await start('HEADER_BASED'), 'image/jpeg')
    const expired = await presigned(page, url)
    await demo.advance(LONGEST_PRESIGN_SECONDS)
    watch.forget()
    assert.ok((await showByTheSeedsLoop(page, url)) > 0)
    assert.deepEqual(
      mediaRequests().map(({ url, status }) => [url === expired, status]),
      [
        [true, 403],
        [false, 200]
      ]
    )
    assert.deepEqual(await ask(page, expired), { status: 403, reason: 'presign_expired' })
  })

  test('a picture that was cached by a presigned URL shows again once that has expired', async () => {
    const { url } = one(await start('HEADER_BASED'), 'image/jpeg')
    assert.ok((await showImage(page, await presigned(page, url))) > 0)
    await demo.advance(LONGEST_PRESIGN_SECONDS)
    await plain.open(page, demo, 'HEADER_BASED')
    assert.ok((await showByTheSeedsLoop(page, url)) > 0)
  })

  test('another session revalidates the cached copy, by either credential', async () => {
    const first = one(await start('EMBEDDED'), 'image/jpeg').url
    const fat = await demo.newSession(demo.line.users[1])
    await plain.open(page, demo, 'HEADER_BASED')
    const opens = await presigned(page, clean(first))
    watch.forget()
    for (const url of [first, `${clean(first)}?fat=${fat}`, opens]) {
      assert.ok((await showImage(page, url)) > 0)
    }
    assert.deepEqual(
      mediaRequests().map(({ status, conditional }) => [status, conditional]),
      [
        [200, false],
        [304, true],
        [304, true]
      ]
    )
  })

  // Chromium revalidates a copy under the URL by which it came, with a token that is dead by now.
  test('cached pictures show after a logout and a new login', async () => {
    const pictures = async () => {
      const all = (await attachments(page, demo)).filter(
        ({ mimeType }) => mimeType === 'image/jpeg'
      )
      return Promise.all(all.map(({ url }) => showImage(page, url)))
    }
    await start('EMBEDDED')
    assert.ok((await pictures()).every((width) => width > 0))
    await page.evaluate(() => CometChat.logout())
    await plain.open(page, demo, 'EMBEDDED')
    await login(page, demo)
    const again = await pictures()
    assert.ok(
      again.every((width) => width > 0),
      `widths ${again}`
    )
  })

  test('a live token for something else opens nothing', async () => {
    const { url } = one(await start('EMBEDDED'), 'image/jpeg')
    await page.evaluate(() => CometChat.logout())
    await login(page, demo, demo.line.outsider)
    const fat = await page.evaluate(() => CometChat.getFat())
    const theirs = `${clean(url)}?fat=${fat}`
    assert.deepEqual(await ask(page, theirs), { status: 403, reason: 'not_permitted' })
    assert.equal(await showImage(page, theirs), 0)
  })
})
