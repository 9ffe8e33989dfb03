/** What the tests of elements stand on: a demo, a browser, a page of somebody's own. */
import { after, afterEach, before, beforeEach } from 'node:test'
import { launchBrowser, Watch } from './browser.js'
import { Demo } from './demo.js'
import { sendPictures } from './elements_page.js'
import { PlainPage } from './plain_page.js'
import { together } from './together.js'

/**
 * Sets the stage of a suite: one demo and one browser for all its tests, a page for each.
 *
 * @param {{ pictures?: number, viewport?: { width: number, height: number } }} wishes `pictures` are
 *   sent to the demo's first user before the first test
 * @param {(stage: any) => void} take is given `demo`, `browser`, `plain` and `urls` once, and with
 *   them `context`, `page` and `watch` before each test
 */
export function useStage({ pictures = 0, viewport = { width: 1280, height: 720 } }, take) {
  const stage = {}
  before(async () => {
    await together(
      Demo.start().then(async (demo) => {
        stage.demo = demo
        stage.urls = await sendPictures(demo, pictures)
      }),
      launchBrowser().then((browser) => (stage.browser = browser)),
      PlainPage.serve().then((plain) => (stage.plain = plain))
    )
    take(stage)
  })
  after(async () => {
    await stage.browser?.close()
    stage.plain?.close()
    await stage.demo?.stop()
  })
  beforeEach(async () => {
    stage.context = await stage.browser.newContext({ viewport })
    stage.page = await stage.context.newPage()
    stage.watch = await Watch.of(stage.page)
    take(stage)
  })
  afterEach(() => stage.context.close())
}
