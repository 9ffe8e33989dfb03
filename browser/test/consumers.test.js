/** The packed SDK in other people's programs: TypeScript, bundlers, frameworks. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, afterEach, before, beforeEach, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { launchBrowser, Watch } from '../harness/browser.js'
import { bundle, BUNDLERS } from '../harness/bundlers.js'
import { Demo } from '../harness/demo.js'
import { FIXTURES, installSdk } from '../harness/packed_sdk.js'
import { SdkPage } from '../harness/sdk_page.js'
import { until } from '../harness/until.js'

const run = promisify(execFile)
const TSC = fileURLToPath(new URL('../node_modules/.bin/tsc', import.meta.url))

const page_ = (
  path
) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>consumer</title>
<link rel="icon" href="data:,"><div id="root"></div><script type="module" src="${path}main.js"></script>`

before(installSdk)

suite('TypeScript, strict', () => {
  for (const resolution of ['nodenext', 'bundler']) {
    test(`the whole API compiles, and wrong uses do not (${resolution})`, async () => {
      await run(TSC, ['--project', `${FIXTURES}typescript/tsconfig.${resolution}.json`]).catch(
        (error) => assert.fail(error.stdout)
      )
    })
  }
})

suite('programs that are built', () => {
  let demo, browser, site, context, page, watch
  const frameworks = { Vue: 'vue', Svelte: 'svelte' }

  before(async () => {
    const files = {}
    for (const name of Object.keys(BUNDLERS)) {
      Object.assign(files, await bundle(name, 'bundled', `/${name}/`))
      files[`/${name}`] = page_(`/${name}/`)
    }
    for (const [name, fixture] of Object.entries(frameworks)) {
      Object.assign(files, await bundle('esbuild', fixture, `/${name}/`))
      files[`/${name}`] = page_(`/${name}/`)
    }
    demo = await Demo.start()
    browser = await launchBrowser()
    site = await SdkPage.serve(files)
  })
  after(async () => {
    await browser?.close()
    site?.close()
    await demo?.stop()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    page = await context.newPage()
    watch = await Watch.of(page)
  })
  afterEach(() => context.close())

  const open = async (path) => {
    await site.open(page, demo, { path })
    await page.evaluate(async (bob) => {
      const request = new CometChat.MessagesRequestBuilder().setLimit(100).setUID(bob).build()
      const all = (await request.fetchPrevious()).flatMap((it) => it.getAttachments?.() ?? [])
      window.media = all.filter((it) => /^image\/(?!svg)/.test(it.getMimeType()))
    }, demo.line.users[1])
  }

  for (const name of [...Object.keys(BUNDLERS), 'plain modules']) {
    test(`${name}: an image shows, and an upload finds its code`, async () => {
      const isPlain = name === 'plain modules'
      await open(isPlain ? '' : name)
      if (isPlain) {
        await page.addScriptTag({ type: 'module', url: '/sdk/elements.js' })
        const shown = await page.evaluate(async () => {
          const { bindMedia } = await import('/sdk/index.js')
          const image = document.body.appendChild(new Image())
          return new Promise((resolve) => {
            image.addEventListener('cloak-state', ({ detail }) => {
              if (detail.state !== 'loading') resolve(detail.state)
            })
            bindMedia(image, media[0])
          })
        })
        assert.equal(shown, 'shown')
        assert.equal(await page.evaluate(() => customElements.get('cloak-img') !== undefined), true)
      } else {
        assert.equal(await page.evaluate(() => window.show(media[0])), 'shown')
        const uploaded = page.evaluate(() => window.upload(new File(['a file'], 'a.txt')))
        assert.equal(await uploaded, 1)
      }
      assert.deepEqual(watch.faults(), [])
    })
  }

  for (const name of Object.keys(frameworks)) {
    test(`${name}: the elements take properties, events and slots`, async () => {
      await open(name)
      await page.evaluate(() => window.show(media))
      const shown = () => page.evaluate(() => states().filter((it) => it === 'shown').length)
      const count = await page.evaluate(() => media.length)
      await until(async () => (await shown()) >= Math.min(count, 2), 'the pictures show')
      const ids = await page.evaluate(() => media.map((it) => it.getUrl().match(/[0-9a-f]{32}/)[0]))
      await demo.revoke('file', ids[0])
      await until(
        () => page.evaluate(() => document.querySelector('cloak-img')?.state === 'gone'),
        'the first one leaves the screen'
      )
      const visible = await page.evaluate(
        () => document.querySelector('cloak-img em')?.checkVisibility() ?? false
      )
      assert.equal(visible, true, 'the slot of the app shows')
      await page.evaluate(() => leave())
      assert.equal(await page.evaluate(() => document.querySelectorAll('cloak-img').length), 0)
      assert.deepEqual(watch.faults(), [])
    })
  }
})
