/** An app that brings its own messages has the SDK show its media. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { states } from '../harness/elements_page.js'
import { login } from '../harness/media.js'
import { useStage } from '../harness/stage.js'
import { until } from '../harness/until.js'

const PICTURES = 12

suite('the client without messages', () => {
  let demo, plain, urls, page, watch
  useStage({ pictures: PICTURES }, (stage) => ({ demo, plain, urls, page, watch } = stage))

  for (const mode of ['EMBEDDED', 'HEADER_BASED']) {
    test(`${mode}: its pictures are prefetched, shown, and leave the screen once taken back`, async () => {
      await plain.open(page, demo, mode, 'media')
      await login(page, demo, demo.line.users[0])
      await page.evaluate(async (urls) => {
        await import('/sdk/elements.js')
        const own = urls.map((url) => ({ getUrl: () => url, getMimeType: () => 'image/png' }))
        await CometChat.prefetch([{ getAttachments: () => own }])
        for (const url of urls) {
          const image = document.createElement('cloak-img')
          Object.assign(image, { src: url, width: 60, height: 40, client: CometChat })
          document.body.append(image)
        }
      }, urls)
      const all = (state, count) =>
        until(async () => (await states(page))[state] === count, `${count} are ${state}`)
      await all('shown', urls.length)
      const { presignCalls } = await page.evaluate(() => CometChat.mediaStatistics())
      assert.equal(presignCalls, mode === 'HEADER_BASED' ? 1 : 0)
      // The stream is opened for all that is asked for in one moment.
      await new Promise((resolve) => setTimeout(resolve, 800))
      const taken = urls.pop()
      await demo.revoke('file', taken.match(/[0-9a-f]{32}/)[0])
      await all('gone', 1)
      await all('shown', urls.length)
      assert.deepEqual(watch.faults(), [])
    })
  }
})
