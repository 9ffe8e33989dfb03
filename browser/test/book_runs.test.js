/** The examples of the book, run against the demo: those of pages in Chromium, the others in Node. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { transform } from 'esbuild'
import { allBlocks, placeOf } from '../harness/book.js'
import {
  bundled,
  bundledElements,
  clearMade,
  MADE,
  PROGRAMS,
  startsByItself
} from '../harness/book_programs.js'
import { installSdk } from '../harness/packed_sdk.js'
import { useSite } from '../harness/site_stage.js'
import { until } from '../harness/until.js'

const run = promisify(execFile)
const all = await allBlocks()
const forNode = ({ info }) => info === 'node'
const programs = all.filter((it) => PROGRAMS.includes(it.language) && !forNode(it))
const documents = all.filter((it) => it.language === 'html')
const PLACES = { jpg: 'image/jpeg', webm: 'video/webm', mp3: 'audio/mpeg', pdf: 'application/pdf' }

const aPage = (
  body = ''
) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>book</title>
<link rel="icon" href="data:,"><div id="root"></div>${body}
<script type="module" src="/program.js"></script>`

before(async () => {
  await installSdk()
  await clearMade()
})

suite('examples run', () => {
  let demo, site, page, watch
  const urls = new Map()
  const keys = {}
  /** What the site answers at the moment. */
  const now = { html: '', script: '', authToken: '', given: '' }
  const answer = (type, name) => ({
    type,
    get body() {
      return now[name]
    }
  })
  useSite(
    async () => ({
      '/': answer('text/html', 'html'),
      '/program.js': answer('text/javascript', 'script'),
      '/auth-token': answer('text/plain', 'authToken'),
      '/given': answer('application/json', 'given')
    }),
    (stage) => ({ demo, site, page, watch } = stage)
  )

  before(async () => {
    for (const [extension, mimeType] of Object.entries(PLACES)) {
      const [reader, other] = demo.line.users
      urls.set(extension, await demo.attachmentUrl(reader, other, mimeType))
    }
    keys.key = await demo.delegatedKey()
    keys.mailKey = await demo.delegatedKey({ maxTtlSeconds: 604_800, purposes: ['mail'] })
  })

  /** The example with the names of the demo in place of those of an example. */
  const place = (code) =>
    code
      .replace(
        /https:\/\/files-us\.example\.com\/myapp\/media\/\w+\.(\w+)/g,
        (_, extension) => urls.get(extension) ?? assert.fail(`no ${extension} in the demo`)
      )
      .replaceAll('https://chat.example.com', demo.line.apiUrl)
      .replaceAll('chat.example.com', demo.line.apiUrl)
      .replaceAll("'myapp'", `'${demo.line.appId}'`)

  /** Opens a page of the example's app, whose back end says who is there. */
  const open = async (html, script = '') => {
    const authToken = await demo.authToken(demo.line.users[0])
    const given = JSON.stringify({ line: demo.line, ...keys })
    Object.assign(now, { html, script, authToken, given })
    await page.goto(site.url)
  }
  const ran = async () => {
    const isDone = () => page.evaluate(() => window.ran)
    await until(async () => (await isDone()) || watch.faults().length > 0, 'it ran to its end')
    assert.deepEqual(watch.faults(), [])
    assert.equal(await isDone(), true)
  }
  const pictureShows = () =>
    until(
      () =>
        page.evaluate(() =>
          [...document.querySelectorAll('img, cloak-img')].some(
            (it) => (it.image ?? it).naturalWidth > 0
          )
        ),
      'a picture shows'
    )

  for (const block of programs) {
    test(placeOf(block), async () => {
      await open(aPage(), await bundled(block, place))
      await ran()
      if (startsByItself(block) && /secureimage|cloak-img/i.test(block.code)) await pictureShows()
      assert.deepEqual(watch.faults(), [])
    })
  }

  for (const block of documents) {
    test(placeOf(block), async () => {
      const html = place(block.code)
      if (html.startsWith('<!doctype')) {
        await open(html)
        await pictureShows()
      } else {
        await open(aPage(html), await bundledElements())
        await ran()
        await until(() => page.evaluate(showEach), 'all elements show')
      }
      assert.deepEqual(watch.faults(), [])
    })
  }

  for (const block of all.filter(forNode)) {
    test(`${placeOf(block)}, in Node`, async () => {
      const authToken = await demo.authToken(demo.line.users[0])
      const { code } = await transform(place(block.code), { loader: 'ts', format: 'esm' })
      const path = `${MADE}${block.page.replace(/\W/g, '_')}.mjs`
      await writeFile(path, code)
      const given = JSON.stringify({ authToken, apiKey: demo.line.apiKey })
      const main = `
        Object.assign(globalThis, ${given})
        const program = await import(${JSON.stringify(path)})
        if (program.authTokenFor) console.log(await program.authTokenFor('alice', apiKey))
        process.exit(0)`
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', main])
      assert.match(stdout, block.page === 'start/node.md' ? /Signature=/ : /^ckr_/)
      assert.doesNotMatch(stdout, /ERR_/)
    })
  }
})

/** Runs in the page: brings each element into view, and tells whether all of them show. */
function showEach() {
  const elements = [...document.querySelectorAll('cloak-img, cloak-video, cloak-audio, cloak-file')]
  const hidden = elements.find(({ state }) => state !== 'shown')
  hidden?.scrollIntoView()
  return elements.length > 0 && hidden === undefined
}
