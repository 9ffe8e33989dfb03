/** What the tests of the SDK's extras stand on: a demo, a browser, a site that serves the modules. */
import { after, afterEach, before, beforeEach } from 'node:test'
import { launchBrowser, Watch } from './browser.js'
import { Demo } from './demo.js'
import { SdkPage } from './sdk_page.js'
import { together } from './together.js'

/**
 * Sets the stage of a suite: one demo, browser and site for all its tests, a page for each.
 *
 * @param {() => Promise<Record<string, any>>} files what the site serves beside the SDK
 * @param {(stage: any) => void} take is given `demo`, `browser` and `site` once, and with them
 *   `context`, `page` and `watch` before each test
 */
export function useSite(files, take) {
  const stage = {}
  before(async () => {
    await together(
      Demo.start().then((demo) => (stage.demo = demo)),
      launchBrowser().then((browser) => (stage.browser = browser)),
      files().then(async (served) => (stage.site = await SdkPage.serve(served)))
    )
    take(stage)
  })
  after(async () => {
    await stage.browser?.close()
    stage.site?.close()
    await stage.demo?.stop()
  })
  beforeEach(async () => {
    stage.context = await stage.browser.newContext()
    stage.page = await stage.context.newPage()
    stage.watch = await Watch.of(stage.page)
    take(stage)
  })
  afterEach(() => stage.context.close())
}
