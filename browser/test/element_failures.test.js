/** What elements do when something fails: the network, the server, a token, the right to look. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openElements, sendPictures, sleep, states } from '../harness/elements_page.js'
import { ask } from '../harness/media.js'
import { useStage } from '../harness/stage.js'
import { until } from '../harness/until.js'

const PICTURES = 12
const SECONDS_OF_A_FAT = 24 * 3600
const SECONDS_OF_A_URL = 900
/** 400 kbit/s and 400 ms, as Chromium's developer tools call it. */
const SLOW_3G = {
  offline: false,
  latency: 400,
  downloadThroughput: 50_000,
  uploadThroughput: 50_000
}

suite('elements when something fails', () => {
  let demo, plain, urls, context, page, watch
  useStage({ pictures: PICTURES, viewport: { width: 800, height: 900 } }, (stage) => {
    ;({ demo, plain, urls, context, page, watch } = stage)
  })

  const show = (list = urls) =>
    page.evaluate((urls) => {
      for (const url of urls) {
        const image = document.createElement('cloak-img')
        const attributes = { src: url, width: 60, height: 40, margin: '1000px' }
        for (const [name, value] of Object.entries(attributes)) image.setAttribute(name, value)
        document.body.append(image)
      }
    }, list)
  const all = (state, count = PICTURES) =>
    until(async () => (await states(page))[state] === count, `${count} are ${state}`)
  const empty = () => page.evaluate(() => document.body.replaceChildren())
  const problems = () => page.evaluate(() => [...new Set(problems)])
  const api = async (method, path, body) => {
    const { appId: appid, apiKey: apikey, apiUrl } = demo.line
    const response = await fetch(`${apiUrl}/v3/${path}`, {
      method,
      headers: { appid, apikey, 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })
    assert.ok(response.ok, `${path}: ${response.status} ${await response.text()}`)
  }

  test('each kind of element says what is wrong, where its medium would be', async () => {
    await openElements(page, plain, demo, 'HEADER_BASED')
    await context.setOffline(true)
    const tags = ['cloak-img', 'cloak-video', 'cloak-audio', 'cloak-file']
    await page.evaluate(
      ([tags, url]) => {
        for (const tag of tags) {
          const element = document.createElement(tag)
          element.src = url
          document.body.append(element)
        }
      },
      [tags, urls[0]]
    )
    await until(async () => (await page.locator('[state=error]').count()) === 4, 'none loads')
    for (const tag of tags) {
      assert.equal(await page.locator(`${tag} [part=problem]`).isVisible(), true, tag)
      assert.match(await page.locator(`${tag} [part=problem]`).innerText(), /reached/, tag)
    }
    await context.setOffline(false)
  })

  for (const mode of ['EMBEDDED', 'HEADER_BASED']) {
    test(`${mode}: offline, it says so, and shows by itself once the network is back`, async () => {
      await openElements(page, plain, demo, mode)
      await context.setOffline(true)
      await show()
      await all('error')
      assert.deepEqual(await problems(), ['ERR_NETWORK'])
      await context.setOffline(false)
      await all('shown')
    })

    test(`${mode}: a server that comes back is asked again, and the session goes on`, async () => {
      await openElements(page, plain, demo, mode)
      await show(urls.slice(0, 2))
      await all('shown', 2)
      await demo.crash()
      await show(urls.slice(2))
      await all('shown')
      const retries = await problems()
      assert.ok(
        retries.every((code) => code === 'ERR_NETWORK'),
        `${retries}`
      )
    })

    test(`${mode}: a laptop that slept past every token shows what comes into view`, async () => {
      await openElements(page, plain, demo, mode)
      await show(urls.slice(0, 2))
      await all('shown', 2)
      await sleep(page, demo, 2 * SECONDS_OF_A_FAT)
      await empty()
      await show()
      await all('shown')
      assert.deepEqual(await problems(), [])
    })

    test(`${mode}: a refused picture is asked for once more, and then says why`, async () => {
      await openElements(page, plain, demo, mode, demo.line.outsider)
      await page.evaluate(() => {
        addEventListener('cloak-error', ({ detail }) => (window.last = detail))
      })
      watch.forget()
      await show(urls.slice(0, 1))
      await all('error', 1)
      const { code, reason, retry, url } = await page.evaluate(() => ({ ...last, again: null }))
      assert.deepEqual(
        { code, reason, retry, url },
        { code: 'ERR_NOT_PERMITTED', reason: 'not_permitted', retry: false, url: urls[0] }
      )
      assert.ok(watch.requests(demo.line.mediaUrl).length <= 4, 'it does not go on asking')
      const slot = () =>
        document.querySelector('cloak-img').shadowRoot.querySelector('[name=error]')
      assert.ok(await page.evaluate(`(${slot})().assignedNodes({ flatten: true }).length > 0`))
    })

    test(`${mode}: a film that is refused from the start says why`, async () => {
      await openElements(page, plain, demo, mode, demo.line.outsider)
      await page.evaluate((url) => {
        const film = document.createElement('cloak-video')
        film.src = url
        document.body.append(film)
      }, urls[0])
      await all('error', 1)
      assert.deepEqual(await problems(), ['ERR_NOT_PERMITTED'])
    })

    test(`${mode}: what is taken back leaves the screen, with the reason`, async () => {
      await openElements(page, plain, demo, mode)
      await show()
      await all('shown')
      await until(
        () => watch.requests(demo.line.apiUrl).some(({ url }) => url.endsWith('/me/events')),
        'the page watches'
      )
      const [gone] = await sendPictures(demo, 1)
      await show([gone])
      await all('shown', PICTURES + 1)
      await api('POST', 'revocations', { kind: 'file', id: /([0-9a-f]{32})\./.exec(gone)[1] })
      await all('gone', 1)
      const image = `document.querySelector('[src="${gone}"]')`
      assert.equal(await page.evaluate(`${image}.image.getAttribute('src')`), null)
      assert.deepEqual(await problems(), ['ERR_MEDIA_GONE'])
      assert.equal((await states(page)).shown, PICTURES, 'the others stay')
    })
  }

  test('a token that dies in the middle of a batch costs a second load, and no error', async () => {
    await openElements(page, plain, demo, 'EMBEDDED')
    // Half of them are loaded with a token that the server's clock ends before they arrive there.
    await page.route(`${demo.line.mediaUrl}/**`, async (route) => {
      const isLate = urls.slice(PICTURES / 2).includes(route.request().url().split('?')[0])
      if (isLate) await late
      await route.continue()
    })
    let advance
    const late = new Promise((resolve) => (advance = resolve))
    await show()
    await all('shown', PICTURES / 2)
    await demo.advance(SECONDS_OF_A_FAT + 60)
    advance()
    await all('shown')
    assert.deepEqual(await problems(), [])
  })

  test('presigned URLs that die in the middle of a batch are asked for again in one call', async () => {
    await openElements(page, plain, demo, 'HEADER_BASED')
    let release
    const late = new Promise((resolve) => (release = resolve))
    await page.route(`${demo.line.mediaUrl}/**`, async (route) => {
      await late
      await route.continue()
    })
    await show()
    await until(
      () => watch.requests(demo.line.mediaUrl).length >= PICTURES / 2,
      'the first URLs are on their way'
    )
    await demo.advance(SECONDS_OF_A_URL)
    release()
    await all('shown')
    assert.deepEqual(await problems(), [])
    const calls = watch
      .requests(demo.line.apiUrl)
      .filter(({ url, method }) => url.endsWith('/media/presign') && method === 'POST')
    assert.ok(calls.length <= 4, `${calls.length} calls`)
  })

  test('slow 3G: everything comes, placeholders hold the room', async () => {
    await openElements(page, plain, demo, 'HEADER_BASED')
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', SLOW_3G)
    await show()
    const height = await page.evaluate(() => document.documentElement.scrollHeight)
    await all('shown')
    assert.equal(await page.evaluate(() => document.documentElement.scrollHeight), height)
    assert.deepEqual(await problems(), [])
    const calls = watch.requests(demo.line.apiUrl).filter(({ url }) => url.endsWith('/presign'))
    assert.equal(calls.filter(({ method }) => method === 'POST').length, 1)
  })

  test('after a logout the browser has no copy left, and nothing stays on the screen', async () => {
    await openElements(page, plain, demo, 'EMBEDDED')
    await show()
    await all('shown')
    const fat = await page.evaluate(() => CometChat.getFat())
    await page.evaluate(() => CometChat.logout())
    await all('gone')
    assert.deepEqual(await problems(), ['ERR_SESSION_ENDED'])
    const marker = `media/00000000000000000000000000000000.jpg?fat=${fat}`
    await until(
      () => watch.requests(demo.line.mediaUrl).some((it) => it.url.endsWith(marker) && it.status),
      'the media host is asked to clear'
    )
    watch.forget()
    await openElements(page, plain, demo, 'EMBEDDED')
    await show()
    await all('shown')
    assert.deepEqual(
      [
        ...new Set(watch.requests(demo.line.mediaUrl).map((it) => `${it.status} ${it.conditional}`))
      ],
      ['200 false'],
      'no copy was left to ask about'
    )
    assert.equal((await ask(page, `${urls[0]}?fat=${fat}`)).reason, 'session_ended')
  })
})
