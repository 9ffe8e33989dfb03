/** The React components, with React as it is on npm, in strict mode. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { build } from 'esbuild'
import { holdAttachments } from '../harness/media.js'
import { FIXTURES, installSdk } from '../harness/packed_sdk.js'
import { useSite } from '../harness/site_stage.js'
import { until } from '../harness/until.js'

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>react</title>
<link rel="icon" href="data:,"><style>img, cloak-video { max-width: 200px }</style>
<div id="root"></div><script type="module" src="/app.js"></script>`

/** The fixture as a bundler makes it. */
async function bundled() {
  await installSdk()
  const bundle = await build({
    entryPoints: [`${FIXTURES}react/app.js`],
    bundle: true,
    format: 'esm',
    write: false,
    define: { 'process.env.NODE_ENV': '"development"' }
  })
  const body = bundle.outputFiles[0].text
  return { '/react': PAGE, '/app.js': { type: 'text/javascript', body } }
}

suite('React', () => {
  let demo, site, page, watch
  useSite(bundled, (stage) => ({ demo, site, page, watch } = stage))

  const open = async (mode = 'HEADER_BASED') => {
    await site.open(page, demo, { path: 'react', mode })
    await holdAttachments(page, demo)
    await page.evaluate(() => {
      window.one = (type) => media.find((it) => it.getMimeType() === type)
    })
  }
  const show = (...types) => page.evaluate((types) => window.show(types.map(window.one)), types)
  const states = () => page.evaluate(() => noted.map(([, state, reason]) => reason ?? state))
  const loads = () => watch.requests(demo.line.mediaUrl).filter(({ method }) => method === 'GET')

  for (const mode of ['EMBEDDED', 'HEADER_BASED']) {
    test(`${mode}: image, video, audio and file show`, async () => {
      await open(mode)
      await show('image/jpeg', 'video/webm', 'audio/mpeg', 'application/pdf')
      await until(
        () =>
          page.evaluate(
            () =>
              document.querySelector('img')?.naturalWidth > 0 &&
              document.querySelector('cloak-video')?.player.readyState > 0 &&
              document.querySelector('cloak-audio')?.player.readyState > 0 &&
              document.querySelector('a')?.href !== ''
          ),
        'all four show'
      )
      const { alt, href, controls } = await page.evaluate(() => ({
        alt: document.querySelector('img').alt,
        href: document.querySelector('a').textContent,
        controls: document.querySelector('cloak-video').player.controls
      }))
      assert.deepEqual([alt, href, controls], ['lake-at-dusk.jpg', 'trip-plan.pdf', true])
      assert.deepEqual(watch.faults(), [])
    })
  }

  test('strict mode loads an image once', async () => {
    await open()
    await show('image/jpeg')
    await until(async () => (await states()).includes('shown'), 'it shows')
    assert.equal(loads().length, 1)
    const posts = watch.requests(`${demo.line.apiUrl}/v3/media/presign`)
    assert.equal(posts.filter(({ method }) => method === 'POST').length, 1)
  })

  test('a render with the same medium, and a renewed token, load nothing again', async () => {
    await open('EMBEDDED')
    await show('image/jpeg')
    await until(async () => (await states()).includes('shown'), 'it shows')
    const before = loads().length
    await page.evaluate(() => CometChat.fetchFat(CometChat.getFat()))
    await show('image/jpeg')
    await show('image/jpeg', 'image/png')
    await until(async () => (await states()).filter((it) => it === 'shown').length === 2, 'both')
    const again = loads().slice(before)
    assert.equal(again.length, 1, JSON.stringify(again))
  })

  test('another URL in the same element shows the other picture', async () => {
    await open()
    const url = (type) => page.evaluate((type) => window.one(type).getUrl(), type)
    const [first, second] = [await url('image/jpeg'), await url('image/png')]
    const shown = () =>
      page.evaluate(() => [
        document.querySelector('#own img')?.src ?? '',
        document.querySelector('figcaption')?.textContent
      ])
    for (const next of [first, second]) {
      await page.evaluate((next) => window.showOwn(next), next)
      await until(async () => {
        const [src, state] = await shown()
        return src.startsWith(next) && state === 'shown'
      }, 'it shows')
    }
  })

  test('unmounting lets everything go', async () => {
    await open()
    await show('image/jpeg', 'video/webm')
    await until(async () => (await states()).filter((it) => it === 'shown').length === 2, 'both')
    const image = await page.evaluateHandle(() => document.querySelector('img'))
    const player = await page.evaluateHandle(() => document.querySelector('cloak-video').player)
    await page.evaluate(() => leave())
    await until(
      () =>
        page.evaluate(
          ([a, b]) => !a.getAttribute('src') && !b.getAttribute('src'),
          [image, player]
        ),
      'the elements have given their URLs back'
    )
    watch.forget()
    // A binding that was left would come back to life with the next session.
    await page.evaluate(
      async ([uid, key]) => {
        await CometChat.logout()
        await CometChat.login(uid, key)
        await new Promise((resolve) => setTimeout(resolve, 500))
      },
      [demo.line.users[0], demo.line.authKey]
    )
    // The logout itself asks once more, and is refused, to clear the copies.
    const alive = loads().filter(({ status }) => status !== 401)
    assert.deepEqual(alive, [])
    assert.deepEqual(watch.faults(), [])
  })

  test('what is taken back gives way to the fallback, with the reason', async () => {
    await open()
    await show('image/jpeg', 'video/webm')
    await until(async () => (await states()).filter((it) => it === 'shown').length === 2, 'both')
    const ids = await page.evaluate(() =>
      ['image/jpeg', 'video/webm'].map(
        (type) =>
          window
            .one(type)
            .getUrl()
            .match(/[0-9a-f]{32}/)[0]
      )
    )
    await new Promise((resolve) => setTimeout(resolve, 500)) // the stream opens
    for (const id of ids) await demo.revoke('file', id)
    await until(
      () => page.evaluate(() => document.querySelectorAll('.fallback').length === 2),
      'both fallbacks show'
    )
    const seen = await page.evaluate(() => {
      const image = document.querySelector('img')
      return [
        [...document.querySelectorAll('.fallback')].map((it) => it.textContent),
        image.getAttribute('src'),
        getComputedStyle(image).opacity
      ]
    })
    assert.deepEqual(seen, [['not there: gone', 'not there: gone'], null, '0'])
  })
})
