/** The page of the REST API: everything comes from its own listener, and all of it can be found. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, suite, test } from 'node:test'
import { launchBrowser, Watch } from '../harness/browser.js'
import { Demo } from '../harness/demo.js'
import { screenshots, tooWideAt } from '../harness/screenshots.js'

suite('page of the REST API', () => {
  let demo, browser, context, page, watch, strangers

  before(async () => {
    demo = await Demo.start()
    browser = await launchBrowser()
  })
  after(async () => {
    await browser?.close()
    await demo?.stop()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    strangers = []
    // Without the Internet: what is not this listener's is noted, and does not arrive.
    await context.route(
      (url) => url.origin !== demo.line.apiUrl && url.protocol !== 'data:',
      (route) => {
        strangers.push(route.request().url())
        return route.abort()
      }
    )
    page = await context.newPage()
    watch = await Watch.of(page)
  })
  afterEach(async () => {
    assert.deepEqual(strangers, [])
    assert.deepEqual(watch.faults(), [])
    await context.close()
  })

  const openPage = async (path = '/docs') => {
    await page.goto(demo.line.apiUrl + path)
    await page.getByRole('heading', { level: 1, name: 'Cloakroom REST API' }).waitFor()
  }
  const found = () => page.getByRole('status').innerText()
  const call = (name) =>
    page.locator('details.call', {
      has: page.getByRole('heading', { level: 3, name, exact: true })
    })

  test('every call of the document is there, under its group', async () => {
    await openPage()
    const document = await (await fetch(`${demo.line.apiUrl}/openapi.json`)).json()
    const calls = Object.values(document.paths).flatMap((item) =>
      Object.keys(item).filter((key) => key !== 'servers')
    )
    assert.equal(await page.locator('details.call').count(), calls.length)
    assert.equal(await found(), `${calls.length} of ${calls.length} calls`)
    const groups = await page.getByRole('heading', { level: 2 }).allInnerTexts()
    for (const tag of ['users', 'sessions', 'messages', 'media'])
      assert.ok(
        groups.some((name) => name.toLowerCase() === tag),
        tag
      )
    await screenshots(page, 'docs-closed')
    assert.deepEqual(await tooWideAt(page), [])
  })

  test('a search leaves what has all the words, also error codes', async () => {
    await openPage()
    const search = page.getByLabel('Search the calls')
    await search.fill('media/presign post')
    assert.match(await found(), /^1 of \d+ calls$/)
    await call('POST /v3/media/presign').waitFor()
    await search.fill('ERR_RANGE_NOT_SATISFIABLE')
    await call('GET /{appId}/media/{file}').waitFor()
    assert.equal(await page.locator('details.call:visible').count(), 1)
    assert.equal(await page.getByRole('heading', { level: 2 }).count(), 1)
    await search.fill('no such words at all')
    assert.match(await found(), /^0 of \d+ calls: no call/)
  })

  test('a call opens by keyboard and shows all that one needs', async () => {
    await openPage()
    const created = call('POST /v3/users')
    await created.locator('summary').focus()
    await page.keyboard.press('Enter')
    for (const name of [
      'Who asks',
      'Parameters',
      'Body',
      'On the command line',
      'Answer 200',
      'Errors'
    ])
      await created.getByRole('heading', { level: 4, name, exact: true }).waitFor()
    const text = await created.innerText()
    for (const part of ['Idempotency-Key', 'apikey', '"uid": "alice"', 'ERR_UID_ALREADY_EXISTS'])
      assert.ok(text.includes(part), part)
    const curl = `curl -X POST '${demo.line.apiUrl}/v3/users' -H 'appid: myapp' -H 'apikey: …'`
    assert.ok(text.includes(curl), text)
    await screenshots(page, 'docs-open')
    assert.deepEqual(await tooWideAt(page), [])
  })

  test('the line for the command line is copied, and a link leads to its call', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await openPage('/docs#get-v3-users-uid')
    const one = call('GET /v3/users/{uid}')
    await one.getByRole('button', { name: 'Copy' }).click()
    await one.getByRole('button', { name: 'Copied' }).waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    assert.ok(copied.startsWith(`curl -X GET '${demo.line.apiUrl}/v3/users/`), copied)
  })

  test('no script runs that is not its own', async () => {
    await openPage()
    const answer = await fetch(`${demo.line.apiUrl}/docs`)
    const policy = answer.headers.get('content-security-policy')
    assert.match(policy, /default-src 'none'/)
    assert.doesNotMatch(policy, /unsafe|\*/)
    const ran = await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'window.ran = true'
      document.body.append(script)
      return Boolean(window.ran)
    })
    assert.equal(ran, false)
    watch.forget()
  })

  test('dark where the reader has it dark', async () => {
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    await openPage()
    const light = await paper()
    await page.emulateMedia({ colorScheme: 'dark' })
    assert.notEqual(await paper(), light)
    await screenshots(page, 'docs-dark')
  })
})
