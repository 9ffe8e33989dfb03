/** Sending a file in the demo's page: how far it is, and what is said when it does not work. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { launchBrowser } from '../harness/browser.js'
import { Demo } from '../harness/demo.js'
import { screenshots } from '../harness/screenshots.js'
import { throttle } from '../harness/throttle.js'
import { until } from '../harness/until.js'

const MEBIBYTE = 1024 * 1024

suite('sending in the demo page', () => {
  let demo, browser, page

  before(async () => {
    demo = await Demo.start()
    browser = await launchBrowser()
    page = await browser.newPage()
    await page.goto(`${demo.line.demoUrl}/#user=alice&mode=embedded&with=bob`)
    await page.locator('[aria-current=true][data-testid=conversation-bob]').waitFor()
  })
  after(async () => {
    await browser?.close()
    await demo?.stop()
  })

  const send = async (name, mimeType, buffer) => {
    await page.getByTestId('file-input').setInputFiles({ name, mimeType, buffer })
    await page.getByTestId('send').click()
  }
  const notice = (pattern) =>
    until(async () => {
      const text = await page.locator('#notice').textContent()
      return pattern.test(text) && text
    }, `a notice like ${pattern}`)
  const progress = () => page.evaluate(() => document.querySelector('#progress').value)

  test('one sees how far a file is, and then that it is there', async () => {
    await throttle(page, MEBIBYTE)
    await send('notes.bin', 'application/octet-stream', Buffer.alloc(3 * MEBIBYTE, 7))
    await until(async () => (await progress()) > 20, 'progress')
    assert.ok((await progress()) < 100)
    await screenshots(page, 'demo-upload-under-way')
    await throttle(page, 0)
    await notice(/Sent\./)
    assert.ok(await page.locator('#progress').isHidden())
    await screenshots(page, 'demo-upload-sent')
  })

  test('a file is paused, stays where it is, and goes on to its end', async () => {
    await throttle(page, MEBIBYTE)
    await send('pause.bin', 'application/octet-stream', Buffer.alloc(3 * MEBIBYTE, 8))
    await until(async () => (await progress()) > 20, 'progress')
    await page.getByTestId('pause').click()
    await notice(/^Paused: pause\.bin/)
    const at = await progress()
    await throttle(page, 0) // what went on would be through in no time
    const asked = page.waitForRequest(/\/files\/[0-9a-f]{32}$/)
    await screenshots(page, 'demo-upload-paused')
    assert.equal(await progress(), at)
    await page.getByTestId('pause').click()
    await asked // how much has arrived
    await notice(/Sent\. .*pause\.bin/)
  })

  test('what is not taken is said in words, and what was written stays', async () => {
    await page.getByTestId('composer-text').fill('a picture')
    await send('photo.png', 'image/png', Buffer.from('<script>alert(1)</script>'))
    await notice(/not sent.*announced as image/)
    await screenshots(page, 'demo-upload-refused')
    assert.equal(await page.getByTestId('composer-text').inputValue(), 'a picture')
    await send('half.png', 'image/png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))
    await notice(/not sent.*damaged/)
    await send('empty.bin', 'application/octet-stream', Buffer.alloc(0))
    await notice(/not sent.*file empty/)
    await page.getByTestId('composer-text').fill('')
  })

  test('a file goes on by itself when its server was killed in the middle', async () => {
    await throttle(page, MEBIBYTE)
    await send('large.bin', 'application/octet-stream', Buffer.alloc(4 * MEBIBYTE, 9))
    await until(async () => (await progress()) > 20, 'progress')
    await demo.crash()
    assert.match(await page.locator('#notice').textContent(), /^Sending large\.bin/)
    await throttle(page, 0)
    await notice(/Sent\. .*large\.bin/)
  })
})
