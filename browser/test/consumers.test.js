/** The packed SDK in other people's programs: TypeScript, bundlers, frameworks. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bundle, BUNDLERS } from '../harness/bundlers.js'
import { holdAttachments } from '../harness/media.js'
import { FIXTURES, installSdk } from '../harness/packed_sdk.js'
import { useSite } from '../harness/site_stage.js'
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
  let demo, site, page, watch
  const frameworks = { Vue: 'vue', Svelte: 'svelte' }
  const bundled = async () => {
    const programs = [
      ...Object.keys(BUNDLERS).map((name) => ({ name, bundler: name, fixture: 'bundled' })),
      ...Object.entries(frameworks).map(([name, fixture]) => ({
        name,
        bundler: 'esbuild',
        fixture
      }))
    ]
    const made = programs.map(async ({ name, bundler, fixture }) => ({
      ...(await bundle(bundler, fixture, `/${name}/`)),
      [`/${name}`]: page_(`/${name}/`)
    }))
    return Object.assign({}, ...(await Promise.all(made)))
  }
  useSite(bundled, (stage) => ({ demo, site, page, watch } = stage))

  const open = async (path) => {
    await site.open(page, demo, { path })
    await holdAttachments(page, demo)
    await page.evaluate(() => {
      window.media = media.filter((it) => /^image\/(?!svg)/.test(it.getMimeType()))
    })
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
        // Who tells a bundler of no effects gets an element that never says anything.
        assert.equal(await page.evaluate(() => customElements.get('cloak-img') !== undefined), true)
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
      assert.equal(await page.evaluate(() => customElements.get('cloak-img') !== undefined), true)
      await page.evaluate(() => window.show(media))
      const shown = () => page.evaluate(() => states().includes('shown'))
      await until(shown, 'a picture shows')
      const id = await page.evaluate(() => {
        const pictures = [...document.querySelectorAll('cloak-img.picture')]
        window.picture = pictures.find(({ state }) => state === 'shown')
        return picture.src.match(/[0-9a-f]{32}/)[0]
      })
      await demo.revoke('file', id)
      await until(() => page.evaluate(() => picture.state === 'gone'), 'it leaves the screen')
      const isVisible = await page.evaluate(() => picture.querySelector('em').checkVisibility())
      assert.equal(isVisible, true, 'the slot of the app shows')
      await page.evaluate(() => leave())
      assert.equal(await page.evaluate(() => document.querySelectorAll('cloak-img').length), 0)
      assert.deepEqual(watch.faults(), [])
    })
  }
})
