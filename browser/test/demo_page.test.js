/** The demo's chat page, as a visitor walks through it. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, afterEach, before, beforeEach, suite, test } from 'node:test'
import { launchBrowser, Watch } from '../harness/browser.js'
import { Demo } from '../harness/demo.js'
import { screenshots, tooWideAt } from '../harness/screenshots.js'
import { until } from '../harness/until.js'

const PHOTO = new URL('../../demo/media/lake-at-dusk.jpg', import.meta.url)

suite('demo page', () => {
  let demo, browser, context, page, watch

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
    page = await context.newPage()
    watch = await Watch.of(page)
  })
  afterEach(() => context.close())

  const open = async (mode, conversation) => {
    const place = new URLSearchParams({ user: demo.line.users[0], mode, with: conversation })
    await page.goto(`${demo.line.demoUrl}/#${place}`)
    await page.locator(`[aria-current=true][data-testid=conversation-${conversation}]`).waitFor()
    await walk()
  }
  /** Brings one medium after the other into view, where it must show what is checked then. */
  const walk = async () => {
    await page.locator('.medium').first().waitFor()
    for (const medium of await page.locator('.medium').all()) {
      await medium.evaluate((it) => it.scrollIntoView({ block: 'center' }))
      await until(async () => (await stateOf(medium)) === 'shown', 'a medium in view is shown')
      const size = await medium.evaluate(({ lastElementChild: { image, player } }) =>
        image ? image.naturalWidth : player ? player.readyState : 1
      )
      assert.ok(size > 0, 'the browser shows it')
    }
  }
  const stateOf = (medium) => medium.evaluate(({ dataset }) => dataset.state)
  const result = (status, within = page) =>
    within.locator(`[data-testid=result][data-status="${status}"]`)
  const firstImage = () =>
    page.locator('.handover', { has: page.getByTestId('media-image') }).first()
  const picture = (locator) => locator.evaluate(({ image }) => image.naturalWidth)

  for (const mode of ['embedded', 'header']) {
    test(`${mode}: everything in both conversations is shown`, async () => {
      for (const conversation of [demo.line.users[1], demo.line.group]) {
        await page.goto('about:blank')
        await open(mode, conversation)
        assert.deepEqual(await tooWideAt(page), [])
        await screenshots(page, `demo-${mode}-${conversation}`)
      }
      assert.deepEqual(watch.faults(), [])
      if (mode === 'header') {
        const urls = watch.requests('http').map(({ url }) => url)
        assert.equal(urls.filter((url) => /[?&]fat=/.test(url)).length, 0)
      }
    })

    test(`${mode}: one sees the refusals, and the URL that is fetched again`, async () => {
      await open(mode, demo.line.users[1])
      const image = firstImage()
      await image.getByTestId('inspect').click()
      await image.getByTestId('try-no-token').click()
      await result(401, image).waitFor()
      assert.equal(await result(401, image).getAttribute('data-reason'), 'fat_missing')
      await image.getByTestId('try-outsider').click()
      await result(403, image).waitFor()
      assert.equal(await result(403, image).getAttribute('data-reason'), 'not_permitted')
      await screenshots(page, `demo-${mode}-refusals`)
      await image.getByTestId('try-expire').click()
      await until(
        () => image.locator('[data-testid^=result][data-reason=presign_expired]').count(),
        'the short URL expires'
      )
      await result(206, image).waitFor()
      await screenshots(page, `demo-${mode}-expired`)
      assert.deepEqual(watch.faults(), [])
    })

    test(`${mode}: a new file is sent, and shown to the other side too`, async () => {
      await open(mode, demo.line.users[1])
      const count = () => page.getByTestId('message').count()
      const before = await count()
      const name = `new-${mode}.jpg`
      await page.getByTestId('file-input').setInputFiles({
        name,
        mimeType: 'image/jpeg',
        buffer: await readFile(PHOTO)
      })
      await page.getByTestId('composer-text').fill('Look at this')
      await page.getByTestId('send').click()
      await until(async () => (await count()) === before + 1, 'the message is there')
      await walk()
      const sent = page.getByTestId('message').last().getByTestId('media-image')
      assert.ok((await picture(sent)) > 0)
      assert.deepEqual(watch.faults(), [])

      await page.getByTestId(`user-${demo.line.users[1]}`).click()
      await page.getByTestId(`conversation-${demo.line.users[0]}`).click()
      const received = page.locator(`[data-testid=media-image][alt="${name}"]`)
      await received.waitFor()
      await walk()
      assert.ok((await picture(received)) > 0)
    })

    test(`${mode}: after a logout the same elements are refused`, async () => {
      await open(mode, demo.line.users[1])
      await page.getByTestId('logout').click()
      await page.getByTestId('logout-result').waitFor()
      const media = await page.locator('.medium').count()
      assert.ok(media > 0)
      assert.match(
        await page.getByTestId('logout-result').textContent(),
        new RegExp(`${media} of ${media} refused`)
      )
      for (const medium of await page.locator('.medium').all()) {
        await medium.evaluate((it) => it.scrollIntoView({ block: 'center' }))
        assert.equal(await stateOf(medium), 'refused')
        assert.equal(await medium.locator('.cover').isVisible(), true, 'it says why')
      }
      const reasons = await page
        .locator('.cover [data-testid=result]')
        .evaluateAll((results) => results.map(({ dataset }) => [dataset.status, dataset.reason]))
      assert.equal(reasons.length, media)
      for (const reason of reasons) assert.deepEqual(reason, ['401', 'session_ended'])
      assert.deepEqual(watch.faults(), [])
      await screenshots(page, `demo-${mode}-logged-out`)
    })
  }

  test('the outsider sees no conversation', async () => {
    await page.goto(demo.line.demoUrl)
    await page.getByTestId(`user-${demo.line.outsider}`).click()
    await page.locator(`[aria-pressed=true][data-testid=user-${demo.line.outsider}]`).waitFor()
    await page.getByText('is in no conversation').waitFor()
    assert.equal(await page.locator('[data-testid^=conversation-]').count(), 0)
    assert.deepEqual(watch.faults(), [])
    await screenshots(page, 'demo-outsider')
  })

  test('one walks by clicks: user, mode, conversation', async () => {
    const [, second] = demo.line.users
    await page.goto(demo.line.demoUrl)
    await page.getByTestId(`user-${second}`).click()
    await page.getByTestId('mode-header').click()
    await page.getByTestId(`conversation-${demo.line.group}`).click()
    await page.locator(`[aria-current=true][data-testid=conversation-${demo.line.group}]`).waitFor()
    await walk()
    await page.getByTestId('mode-embedded').click()
    await page.getByText('EMBEDDED', { exact: true }).last().waitFor()
    await walk()
    assert.deepEqual(watch.faults(), [])
  })

  test('a reload keeps the place', async () => {
    await open('header', demo.line.group)
    await page.reload()
    await walk()
    const pressed = await page
      .locator('[aria-pressed=true]')
      .evaluateAll((buttons) => buttons.map(({ dataset }) => dataset.testid))
    assert.deepEqual(pressed, [`user-${demo.line.users[0]}`, 'mode-header'])
    assert.deepEqual(watch.faults(), [])
  })

  test('neither log nor page text shows a whole token', async () => {
    await open('embedded', demo.line.users[1])
    const fat = await page.evaluate(async () => {
      const { CometChat } = await import('/sdk/index.js')
      return CometChat.getFat()
    })
    await firstImage().getByTestId('inspect').click()
    assert.ok(!demo.log.includes(fat))
    assert.ok(!(await page.locator('body').innerText()).includes(fat))
    assert.ok(!demo.log.includes(demo.line.authKey))
  })

  test('what its sender takes back leaves the screen of the others', async () => {
    await open('embedded', demo.line.group)
    const message = page.locator('[data-testid=message]:has([data-testid=media-image])').first()
    await message.evaluate((it) => it.scrollIntoView())
    await message.locator('[data-state=shown]').first().waitFor()
    const answer = await fetch(
      `${demo.line.apiUrl}/v3/messages/${await message.getAttribute('data-id')}`,
      {
        method: 'DELETE',
        headers: { appid: demo.line.appId, apikey: demo.line.apiKey }
      }
    )
    assert.equal(answer.status, 200, await answer.text())
    await message.locator('[data-state=refused]').first().waitFor()
    const image = message.getByTestId('media-image')
    assert.equal(await image.evaluate((it) => it.image.getAttribute('src')), null)
    await message.locator('.cover [data-testid=result]').first().waitFor()
    await screenshots(page, 'demo-taken-back')
  })

  test('a button opens what the SDK itself tells of its media, and closes it', async () => {
    await open('header', demo.line.users[1])
    await page.getByTestId('media-inspector').click()
    const panel = page.locator('cloak-inspector')
    await until(() => panel.evaluate(({ media }) => media.length > 0), 'it knows the media')
    await panel.locator('.panel').waitFor()
    await screenshots(page, 'demo-inspector')
    await page.getByTestId('media-inspector').click()
    assert.equal(await panel.count(), 0)
    assert.deepEqual(watch.faults(), [])
  })

  for (const scheme of ['light', 'dark']) {
    test(`it is drawn in ${scheme}`, async () => {
      await page.emulateMedia({ colorScheme: scheme })
      await open('header', demo.line.group)
      const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      const [red] = paper.match(/\d+/g)
      assert.equal(Number(red) > 128, scheme === 'light', paper)
      await screenshots(page, `demo-${scheme}`)
    })
  }
})
