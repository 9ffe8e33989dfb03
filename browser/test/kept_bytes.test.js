/** `keepMediaBytes`, and images of the page's own. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openElements, sendPictures, states } from '../harness/elements_page.js'
import { login } from '../harness/media.js'
import { useStage } from '../harness/stage.js'
import { until } from '../harness/until.js'

const PICTURES = 4

suite('images', () => {
  let demo, plain, urls, page, watch
  useStage({ pictures: PICTURES }, (stage) => {
    ;({ demo, plain, urls, page, watch } = stage)
  })

  const keep = () =>
    page.evaluate(async () => {
      const { keepMediaBytes } = await import('/sdk/byte-cache.js')
      keepMediaBytes(CometChat)
    })
  const show = (list = urls) =>
    page.evaluate((urls) => {
      document.body.replaceChildren(
        ...urls.map((src) => Object.assign(document.createElement('cloak-img'), { src }))
      )
    }, list)
  const all = (state, count = PICTURES) =>
    until(async () => (await states(page))[state] === count, `${count} are ${state}`)
  const kept = () =>
    page.evaluate(async () => {
      const names = (await caches.keys()).filter((name) => name.startsWith('cloakroom:'))
      const counts = await Promise.all(
        names.map(async (name) => (await (await caches.open(name)).keys()).length)
      )
      return names.map((name, index) => `${name} ${counts[index]}`)
    })
  const takeBack = async (url) => {
    const { appId, apiKey, apiUrl } = demo.line
    const answer = await fetch(`${apiUrl}/v3/revocations`, {
      method: 'POST',
      headers: { appid: appId, apikey: apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'file', id: /([0-9a-f]{32})\./.exec(url)[1] })
    })
    assert.ok(answer.ok, `${answer.status}`)
  }
  const isWatched = () =>
    until(
      () => watch.requests(demo.line.apiUrl).some(({ url }) => url.endsWith('/me/events')),
      'the page watches'
    )
  const gets = () => watch.requests(demo.line.mediaUrl).filter(({ method }) => method === 'GET')

  test('kept bytes are shown after a 304 to the present session, and go with it', async () => {
    await openElements(page, plain, demo, 'HEADER_BASED')
    await keep()
    await show()
    await all('shown')
    const [alice] = demo.line.users
    assert.deepEqual(await kept(), [`cloakroom:${demo.line.appId}:${alice} ${PICTURES}`])
    const src = await page.evaluate(() => document.querySelector('cloak-img').image.src)
    assert.match(src, /^blob:/)

    watch.forget()
    await openElements(page, plain, demo, 'HEADER_BASED')
    await keep()
    await show()
    await all('shown')
    assert.deepEqual(
      gets().map(({ status }) => status),
      Array(PICTURES).fill(304)
    )
    const { notModified, bytesSaved } = await page.evaluate(() => CometChat.mediaStatistics())
    assert.equal(notModified, PICTURES)
    assert.ok(bytesSaved > PICTURES * 1000)

    await page.evaluate(() => CometChat.logout())
    await until(async () => (await kept()).length === 0, 'a logout wipes them')
    await login(page, demo)
    await all('shown')
    assert.equal((await kept()).length, 1)
    await login(page, demo, demo.line.users[2])
    await until(async () => (await kept()).length === 0, "another user's login wipes them")
    await all('error')
    assert.deepEqual(await kept(), [])
    assert.deepEqual(watch.faults(), [])
  })

  test('what was taken back is not kept', async () => {
    const [gone] = await sendPictures(demo, 1)
    await openElements(page, plain, demo, 'EMBEDDED')
    await keep()
    await show([gone])
    await all('shown', 1)
    await isWatched()
    await takeBack(gone)
    await all('gone', 1)
    await until(async () => (await kept())[0]?.endsWith(' 0'), 'its bytes are gone')
  })

  test('what was let go hears of no takedown', async () => {
    const [gone] = await sendPictures(demo, 1)
    await openElements(page, plain, demo, 'EMBEDDED')
    await page.evaluate(async (url) => {
      const { bindMedia } = await import('/sdk/index.js')
      document.body.innerHTML = '<img id="first"><img id="second">'
      window.binding = bindMedia(first, url)
      bindMedia(second, url)
    }, gone)
    const stateOf = (id) => page.evaluate((id) => document.getElementById(id).dataset.cloak, id)
    await until(async () => (await stateOf('first')) === 'shown', 'it is shown')
    await isWatched()
    await page.evaluate(() => binding.release())
    await takeBack(gone)
    await until(async () => (await stateOf('second')) === 'gone', 'the other one is gone')
    assert.equal(await stateOf('first'), 'idle')
  })

  test('what left the view before its URL came loads nothing', async () => {
    await openElements(page, plain, demo, 'HEADER_BASED')
    let goOn
    await page.route('**/media/presign', async (route) => {
      await new Promise((resolve) => (goOn = resolve))
      await route.continue()
    })
    await show([urls[0]])
    await until(() => goOn, 'its URL is asked for')
    await page.evaluate(() => {
      document.body.style.paddingTop = '9000px'
    })
    await all('idle', 1)
    goOn()
    await page.evaluate((url) => CometChat.fetchPresignedUrl(url), urls[0])
    const hasSource = () => document.querySelector('cloak-img').image.hasAttribute('src')
    assert.equal(await page.evaluate(hasSource), false)
  })

  test("images of the page's own load near the view, hold their room, and let go", async () => {
    await openElements(page, plain, demo, 'EMBEDDED')
    await page.evaluate(async (urls) => {
      const { bindMedia } = await import('/sdk/index.js')
      document.body.innerHTML = '<div id="list" style="height:300px;overflow-y:auto"></div>'
      window.bindings = Array.from({ length: 100 }, (_, index) => {
        const image = document.createElement('img')
        image.alt = `picture ${index}`
        list.append(image, document.createElement('br'))
        const size = { width: 60, height: 40, thumbHash: 'VCcKDYIXiHh/eXd1hhmIhVd1gPUo' }
        return bindMedia(image, urls[index % urls.length], size)
      })
    }, urls)
    const shown = () =>
      page.evaluate(() => document.querySelectorAll('img[data-cloak=shown]').length)
    await until(async () => (await shown()) >= 6, 'the first are shown')
    const height = await page.evaluate(() => list.scrollHeight)
    assert.ok(height >= 100 * 40)
    assert.ok((await shown()) < 20, 'the others wait')
    const far = () =>
      page.evaluate(() => list.lastElementChild.previousElementSibling.style.cssText)
    assert.match(await far(), /linear-gradient/)
    await page.evaluate(() => (list.scrollTop = 2000))
    await until(
      () => page.evaluate(() => !document.querySelector('img').hasAttribute('src')),
      'the first has given its picture back'
    )
    assert.equal(await page.evaluate(() => list.scrollHeight), height, 'nothing jumped')
    await page.evaluate(() => bindings.forEach((binding) => binding.release()))
    assert.equal(await page.evaluate(() => document.querySelectorAll('img[src]').length), 0)
    assert.deepEqual(watch.faults(), [])
  })
})
