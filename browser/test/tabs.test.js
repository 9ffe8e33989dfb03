/** Two tabs of one session. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, suite, test } from 'node:test'
import { launchBrowser, Watch } from '../harness/browser.js'
import { Demo } from '../harness/demo.js'
import { openElements, sendPictures, sleep, states } from '../harness/elements_page.js'
import { PlainPage } from '../harness/plain_page.js'
import { until } from '../harness/until.js'

const NEARLY_ONE_FAT = 24 * 3600 - 300

suite('two tabs of one session', () => {
  let demo, browser, plain, urls, context, first, second, watches

  before(async () => {
    demo = await Demo.start()
    browser = await launchBrowser()
    plain = await PlainPage.serve()
    urls = await sendPictures(demo, 4)
  })
  after(async () => {
    await browser?.close()
    plain?.close()
    await demo?.stop()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    first = await context.newPage()
    second = await context.newPage()
    watches = [await Watch.of(first), await Watch.of(second)]
  })
  afterEach(() => context.close())

  const open = async (mode) => {
    await openElements(first, plain, demo, mode)
    await openElements(second, plain, demo, mode, null)
    await until(() => second.evaluate(() => CometChat.getFat()), 'the second tab has the session')
    for (const page of [first, second]) {
      await page.evaluate((urls) => {
        window.expired = []
        CometChat.onSessionExpired(({ code }) => expired.push(code))
        for (const url of urls) {
          const image = document.createElement('cloak-img')
          image.src = url
          document.body.append(image)
        }
      }, urls)
      await until(async () => (await states(page)).shown === urls.length, 'its pictures are shown')
    }
  }
  const posts = (path) =>
    watches.flatMap((watch) =>
      watch
        .requests(demo.line.apiUrl)
        .filter(({ url, method }) => method === 'POST' && url.endsWith(path))
    ).length
  const fatOf = (page) => page.evaluate(() => CometChat.getFat())

  test('one renews for both', async () => {
    await open('EMBEDDED')
    const before = [await fatOf(first), await fatOf(second)]
    for (const watch of watches) watch.forget()
    await demo.advance(NEARLY_ONE_FAT)
    await Promise.all([first, second].map((page) => sleep(page, { advance() {} }, NEARLY_ONE_FAT)))
    for (const page of [first, second]) {
      await until(
        async () => ![null, ...before].includes(await fatOf(page)),
        'a tab has a new token'
      )
    }
    assert.equal(await fatOf(first), await fatOf(second))
    assert.equal(posts('/me/fat'), 1)
  })

  test('one presigns for both', async () => {
    await open('HEADER_BASED')
    assert.equal(posts('/media/presign'), 1)
  })

  test('a logout in one ends the other', async () => {
    await open('EMBEDDED')
    await first.evaluate(() => CometChat.logout())
    await until(async () => (await states(second)).gone === urls.length, 'the other tab is empty')
    assert.equal(await fatOf(second), null)
    assert.equal(await second.evaluate(() => CometChat.getLoggedinUser()), null)
    assert.deepEqual(await second.evaluate(() => expired), ['ERR_SESSION_ENDED'])
    assert.deepEqual(await first.evaluate(() => expired), [], 'who logs out is not told')
  })
})
