/** The dashboard: an operator signs in and takes the one-time step. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, suite, test } from 'node:test'
import { launchBrowser, Watch } from '../harness/browser.js'
import { Demo } from '../harness/demo.js'
import { screenshots, tooWideAt } from '../harness/screenshots.js'

const NEW_APP = 'shopapp'

suite('dashboard', () => {
  let demo, browser, context, page, watch

  before(async () => {
    demo = await Demo.start()
    browser = await launchBrowser()
    await demo.command('app', 'create', NEW_APP, '--name', 'The shop')
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

  const signIn = async (password = demo.line.operator.password) => {
    await page.goto(demo.line.dashboardUrl)
    await page.getByLabel('Email address').fill(demo.line.operator.email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
  const openSettings = async (app) => {
    await signIn()
    await page.locator('.apps', { hasText: app }).getByRole('link', { name: app }).click()
    await page
      .getByRole('link', { name: /Chats\s*→\s*Settings/ })
      .first()
      .click()
    await page.getByRole('heading', { name: 'Token Based File Access' }).waitFor()
  }
  const looksRight = async (name) => {
    assert.deepEqual(await tooWideAt(page), [], name)
    await screenshots(page, `dashboard-${name}`)
    assert.deepEqual(watch.faults(), [], name)
  }
  const step = () => page.locator('[aria-current=step] > b').innerText()

  test('a wrong password is refused, and nothing is told', async () => {
    await signIn('a wrong password')
    await page.getByRole('alert').filter({ hasText: 'wrong' }).waitFor()
    assert.deepEqual(await context.cookies().then((all) => all.filter((it) => !it.httpOnly)), [])
    await page.goto(`${demo.line.dashboardUrl}/apps`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await looksRight('sign-in')
  })

  test('an operator signs in, sees the apps, and signs out', async () => {
    await signIn()
    await page.getByRole('heading', { name: 'Apps' }).waitFor()
    await page.getByRole('link', { name: demo.line.appId }).waitFor()
    await page.getByRole('link', { name: NEW_APP }).waitFor()
    await looksRight('apps')
    await page.getByRole('link', { name: NEW_APP }).click()
    await page.getByRole('heading', { name: 'The shop' }).waitFor()
    await looksRight('app')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.goto(`${demo.line.dashboardUrl}/apps`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })

  test('the switch goes forward only, each step by typing the app id', async () => {
    await openSettings(NEW_APP)
    assert.equal(await step(), 'Off')
    await page.getByLabel(/to confirm/).fill('another')
    await page.getByRole('button', { name: 'Switch to observe' }).click()
    await page.getByText('Nothing was changed').waitFor()
    assert.equal(await step(), 'Off')
    await looksRight('settings-refused')

    for (const [next, shown] of [
      ['observe', 'Observe'],
      ['on', 'On']
    ]) {
      await page.getByLabel(/to confirm/).fill(NEW_APP)
      await page.getByRole('button', { name: `Switch to ${next}` }).click()
      await page.getByText('Saved').waitFor()
      await page.locator('[aria-current=step] > b', { hasText: shown }).waitFor()
      await looksRight(`settings-${next}`)
    }
    assert.equal(await page.getByRole('button', { name: /Switch to/ }).count(), 0)
    await page.getByText('cannot be switched off here').waitFor()
  })

  test('the life of presigned URLs has bounds', async () => {
    await openSettings(demo.line.appId)
    const amount = page.getByLabel(/Lifetime/)
    const save = page.getByRole('button', { name: 'Save' })
    await amount.fill('5')
    await page.getByLabel('Unit').selectOption('minutes')
    await save.click()
    await page.getByText('Saved').waitFor()
    await page.getByText('now 5 minutes').waitFor()
    await amount.fill('32')
    await page.getByLabel('Unit').selectOption('days')
    await save.click()
    await page.getByText('Choose a lifetime').waitFor()
    await looksRight('presign-refused')
    await page.reload()
    await page.getByText('now 5 minutes').waitFor()
  })
})
