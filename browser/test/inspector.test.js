/** `<cloak-inspector>`: what happened to each medium of a page. */
import assert from 'node:assert/strict'
import { after, afterEach, before, suite, test } from 'node:test'
import { launchBrowser, Watch } from '../harness/browser.js'
import { Demo } from '../harness/demo.js'
import { sendPictures } from '../harness/elements_page.js'
import { holdAttachments, login } from '../harness/media.js'
import { screenshots, tooWideAt } from '../harness/screenshots.js'
import { SdkPage } from '../harness/sdk_page.js'
import { until } from '../harness/until.js'

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>inspector</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>:root{color-scheme:light dark} body{font:16px system-ui;margin:16px}
main{display:grid;gap:12px;grid-template-columns:repeat(auto-fill,minmax(220px,1fr))}</style>
<main></main>
<script type="module">
  import * as sdk from '/sdk/index.js'
  import '/sdk/elements.js'
  import '/sdk/inspector.js'
  Object.assign(window, sdk, { ready: true })
</script>`

suite('the inspector', () => {
  let demo, browser, site, context, page, watch

  before(async () => {
    demo = await Demo.start()
    browser = await launchBrowser()
    site = await SdkPage.serve({ '/inspector': PAGE })
  })
  after(async () => {
    await browser?.close()
    site?.close()
    await demo?.stop()
  })
  afterEach(() => context.close())

  /** A page with every medium of the demo and one that cannot be, and the panel open. */
  const open = async (mode, options = {}) => {
    context = await browser.newContext(options)
    page = await context.newPage()
    watch = await Watch.of(page)
    await site.open(page, demo, { path: 'inspector', mode })
    await holdAttachments(page, demo)
    await page.evaluate(() => {
      const kinds = { image: 'cloak-img', video: 'cloak-video', audio: 'cloak-audio' }
      const main = document.querySelector('main')
      const add = (tag, attachment, url) => {
        const element = document.createElement(tag)
        if (attachment) element.attachment = attachment
        else element.src = url
        main.append(element)
      }
      for (const it of media) add(kinds[it.getMimeType().split('/')[0]] ?? 'cloak-file', it)
      const base = CometChatHelper.getSecureMediaBase()
      add('cloak-img', null, `${base}${'f'.repeat(32)}.jpg`)
      const inspector = document.createElement('cloak-inspector')
      inspector.client = CometChat
      document.body.append(inspector)
      window.inspector = inspector
      inspector.toggle(true)
    })
    await until(
      () => page.evaluate(() => inspector.media.some(({ code }) => code !== null)),
      'the one that cannot be has failed'
    )
    await until(
      () =>
        page.evaluate(() => inspector.media.filter(({ state }) => state === 'shown').length > 3),
      'others show'
    )
  }
  const text = () => page.evaluate(() => inspector.shadowRoot.querySelector('.panel').innerText)
  const find = (url) =>
    page.evaluate((url) => {
      const { element, ...medium } = inspector.media.find((it) => it.url.includes(url))
      return medium
    }, url)

  for (const mode of ['EMBEDDED', 'HEADER_BASED']) {
    test(`${mode}: it says what was loaded, how, and what was refused`, async () => {
      await open(mode)
      const refused = await find('f'.repeat(32))
      assert.ok(['error', 'gone'].includes(refused.state), refused.state)
      assert.match(refused.code, /^ERR_/)
      assert.ok(refused.retries <= 1, JSON.stringify(refused))
      const shown = await page.evaluate(() => {
        const { element, ...medium } = inspector.media.find(
          (it) => it.state === 'shown' && it.loads.bytesLoaded > 0
        )
        return medium
      })
      assert.equal(shown.by, mode === 'EMBEDDED' ? 'fat' : 'presigned')
      assert.ok(shown.loads.bytesLoaded > 0, JSON.stringify(shown))
      assert.deepEqual(watch.faults(), [])
    })

    test(`${mode}: it shows no credential`, async () => {
      await open(mode)
      await page.evaluate(() => {
        for (const it of inspector.shadowRoot.querySelectorAll('details')) it.open = true
      })
      const fat = await page.evaluate(() => CometChat.getFat())
      const html = await page.evaluate(() => inspector.shadowRoot.innerHTML)
      assert.ok(html.includes('/media/'), 'it shows the clean URLs')
      assert.ok(!html.includes(fat) && !/[?&](fat|Signature)=/.test(html))
    })
  }

  test('a retry and a takedown are told while the panel is open', async () => {
    await open('HEADER_BASED')
    const url = await page.evaluate(
      () => inspector.media.find((it) => it.state === 'shown' && /jpg|png/.test(it.url)).url
    )
    const [id] = url.match(/[0-9a-f]{32}/)
    await new Promise((resolve) => setTimeout(resolve, 500)) // the stream opens
    await demo.revoke('file', id)
    await until(async () => (await find(id)).state === 'gone', 'it is gone')
    await until(async () => (await text()).includes('gone'), 'the panel says so')
    await page.evaluate(() => {
      const select = inspector.shadowRoot.querySelector('select')
      select.value = 'problems'
      select.dispatchEvent(new Event('change'))
    })
    const names = await page.evaluate(() =>
      [...inspector.shadowRoot.querySelectorAll('.list > li')].map((it) => it.dataset.key)
    )
    assert.deepEqual(names.sort(), [id, 'f'.repeat(32)].sort())
  })

  test('after a logout or another login it lists nothing of the session before', async () => {
    await open('HEADER_BASED')
    // One medium leaves the page, as with the view of an app that unmounts: nobody tells of it more.
    const [removed] = await page.evaluate(() => {
      const it = inspector.media.find(({ state }) => state === 'shown')
      it.element.deref().remove()
      return [it.key]
    })
    const listed = () =>
      page.evaluate(() => inspector.media.map(({ key, state, reason }) => [key, state, reason]))
    const drawn = () =>
      page.evaluate(() =>
        [...inspector.shadowRoot.querySelectorAll('.list > li')].map(
          (it) => `${it.dataset.key} ${it.querySelector('.state').textContent}`
        )
      )
    const frame = () =>
      page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
    assert.ok((await listed()).some(([key]) => key === removed))
    await page.evaluate(() => CometChat.logout())
    await frame()
    const ended = await listed()
    assert.ok(ended.length > 0, 'what stands on the page says how it ended')
    for (const it of ended) assert.deepEqual(it.slice(1), ['gone', 'session_ended'])
    assert.ok(!ended.some(([key]) => key === removed))
    assert.deepEqual(
      await drawn(),
      ended.map(([key, state]) => `${key} ${state}`)
    )
    // The page of the next user has one medium; the one of the user before is not hers to know.
    await page.evaluate(() => document.querySelector('main').replaceChildren())
    await login(page, demo, demo.line.users[1])
    await frame()
    assert.deepEqual([await listed(), await drawn()], [[], []])
    const [url] = await sendPictures(demo, 1)
    await page.evaluate((url) => {
      const element = document.createElement('cloak-img')
      element.src = url
      document.querySelector('main').append(element)
    }, url)
    await until(async () => (await listed())[0]?.[1] === 'shown', 'hers shows')
    // Somebody logs in without a logout before.
    await login(page, demo, demo.line.users[0])
    await until(
      () => page.evaluate(() => inspector.media[0]?.lines.at(-1).text === 'shown'),
      'it shows again'
    )
    const [one, ...others] = await page.evaluate(() =>
      inspector.media.map(({ lines }) => lines.map(({ text }) => text))
    )
    const lines = ['gone: session_ended', 'idle', 'loading', 'loads (original)', 'shown']
    assert.deepEqual([one, others], [lines, []])
    assert.deepEqual(watch.faults(), [])
  })

  test('it is worked by keyboard, and says its state', async () => {
    await open('HEADER_BASED')
    const expanded = () =>
      page.evaluate(() =>
        inspector.shadowRoot.querySelector('.toggle').getAttribute('aria-expanded')
      )
    assert.equal(await expanded(), 'true')
    await page.evaluate(() => inspector.shadowRoot.querySelector('select').focus())
    await page.keyboard.press('Escape')
    assert.equal(await expanded(), 'false')
    await page.keyboard.press('Enter') // the button has the focus again
    assert.equal(await expanded(), 'true')
    const status = await page.evaluate(
      () => inspector.shadowRoot.querySelector('[role=status]').textContent
    )
    assert.match(status, /^[1-9] problems?$/)
  })

  for (const scheme of ['light', 'dark']) {
    test(`it fits narrow and wide windows, ${scheme}`, async () => {
      await open('HEADER_BASED', { colorScheme: scheme })
      await page.evaluate(() => {
        inspector.shadowRoot.querySelectorAll('details')[1].open = true
      })
      assert.deepEqual(await tooWideAt(page), [])
      for (const width of [360, 768, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        const box = await page.evaluate(() => {
          const panel = inspector.shadowRoot.querySelector('.panel').getBoundingClientRect()
          return { left: panel.left, right: panel.right, top: panel.top }
        })
        assert.ok(box.left >= 0 && box.right <= width && box.top >= 0, JSON.stringify(box))
      }
      await screenshots(page, `inspector-${scheme}`)
    })
  }
})
