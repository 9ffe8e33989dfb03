/** Which version of a picture is loaded: by its width on the screen and the screen's sharpness. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openElements, sendPictures } from '../harness/elements_page.js'
import { useStage } from '../harness/stage.js'
import { until } from '../harness/until.js'

const SCREEN = { width: 1280, height: 900 }
/** The server makes `small` of 320 pixels and `medium` of 800 of it. */
const PICTURE = { width: 1200, height: 600 }

suite('the version of a picture that fits', () => {
  let demo, plain, context, page, watch
  useStage({ viewport: SCREEN }, (stage) => {
    ;({ demo, plain, context, page, watch } = stage)
  })

  /**
   * Shows the picture 150 pixels wide, by an element or in an image of the page's own. A `srcset` of
   * all versions may stand in it, or in a `<source>` beside it.
   */
  const show = async (tag, srcsetIn) => {
    await sendPictures(demo, 1, PICTURE)
    await openElements(page, plain, demo, 'HEADER_BASED')
    await page.evaluate(
      async ([tag, uid, srcsetIn]) => {
        const { bindMedia } = await import('/sdk/index.js')
        const request = new CometChat.MessagesRequestBuilder().setUID(uid).build()
        const attachment = (await request.fetchPrevious()).at(-1).getAttachment()
        const element = document.createElement(tag)
        element.id = 'picture'
        element.style.width = '150px'
        window.loads = 0
        element.addEventListener('cloak-load', () => (window.loads += 1))
        const source = document.createElement('source')
        if (srcsetIn) {
          const versions = [...attachment.getThumbnails(), attachment.getUrl()]
          const widths = [320, 800, 1200]
          const srcset = versions.map((url, index) => `${url} ${widths[index]}w`).join(', ')
          const holder = srcsetIn === 'source' ? source : element
          holder.setAttribute('srcset', srcset)
          holder.setAttribute('sizes', '1200px')
        }
        const picture = document.createElement('picture')
        picture.append(source, element)
        document.body.append(srcsetIn === 'source' ? picture : element)
        if (tag === 'cloak-img') element.attachment = attachment
        else bindMedia(element, attachment)
        window.shownVersion = () => {
          const { state, image } = element
          const isShown = (state ?? element.dataset.cloak) === 'shown'
          const src = (image ?? element).currentSrc
          return isShown ? (/_(small|medium)\./.exec(src)?.[1] ?? 'original') : 'none'
        }
      },
      [tag, demo.line.users[1], srcsetIn]
    )
  }
  const shows = (version) =>
    until(
      async () => (await page.evaluate(() => shownVersion())) === version,
      `${version} is shown`
    )
  const loads = () => page.evaluate(() => window.loads)
  const widen = (pixels) => page.evaluate((pixels) => (picture.style.width = `${pixels}px`), pixels)
  /** Two frames later, observers were told. */
  const settle = () =>
    page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    )

  const showsThatAlone = async () => {
    await shows('small')
    await widen(321)
    await shows('medium')
    const urls = watch.requests(demo.line.mediaUrl).map(({ url }) => url)
    assert.deepEqual(
      urls.map((url) => /_(small|medium)\.\w+\?.*Signature=/.exec(url)?.[1] ?? url),
      ['small', 'medium']
    )
    assert.equal(await page.evaluate(() => CometChat.mediaStatistics().presignedUrls), 2)
  }

  for (const tag of ['cloak-img', 'img']) {
    test(`<${tag}>: a sharper screen and more room load a wider one, the opposite loads nothing`, async () => {
      const session = await context.newCDPSession(page)
      const sharpen = (deviceScaleFactor) =>
        session.send('Emulation.setDeviceMetricsOverride', {
          ...SCREEN,
          deviceScaleFactor,
          mobile: false
        })
      await show(tag)
      await shows('small')

      await sharpen(2) // 300 of the screen's own pixels: 320 do
      await settle()
      assert.equal(await loads(), 1)
      await sharpen(3)
      await shows('medium')
      await sharpen(1)
      await settle()
      assert.equal(await page.evaluate(() => shownVersion()), 'medium')
      assert.equal(await loads(), 2)
      // The listener goes on after the first change: 3 would do with 800, 6 does not.
      await sharpen(6)
      await shows('original')
      assert.equal(await loads(), 3)
    })

    test(`<${tag}>: a srcset loads nothing; the version that fits is presigned alone`, async () => {
      await show(tag, 'element')
      await showsThatAlone()
    })

    test(`<${tag}>: a wider place loads a wider one, a narrower one loads nothing`, async () => {
      await show(tag)
      await shows('small')
      await widen(321)
      await shows('medium')
      await widen(150)
      await settle()
      assert.equal(await loads(), 2)
      await widen(801)
      await shows('original')
      assert.equal(await loads(), 3)
    })
  }
  test('<img> in a <picture>: its sources load nothing; the version that fits is presigned alone', async () => {
    await show('img', 'source')
    await showsThatAlone()
  })
})
