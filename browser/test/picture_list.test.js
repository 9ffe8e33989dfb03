/** A list of 5000 messages with pictures, made with `<cloak-img>`. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openElements, sleep, states } from '../harness/elements_page.js'
import { login } from '../harness/media.js'
import { useStage } from '../harness/stage.js'
import { until } from '../harness/until.js'

const MESSAGES = 5000
const PICTURES = 300
const SCREEN = { width: 800, height: 600 }
const ROW = 100
/** The screen, half of it above and below, and a row cut at each end. */
const MOST_LIVE = (2 * SCREEN.height) / ROW + 2
const SECONDS_OF_A_FAT = 24 * 3600

suite('a list of pictures', () => {
  let demo, plain, urls, page, watch
  useStage({ pictures: PICTURES, viewport: SCREEN }, (stage) => {
    ;({ demo, plain, urls, page, watch } = stage)
  })

  const fill = (count = MESSAGES) =>
    page.evaluate(
      ([urls, count, row]) => {
        document.body.innerHTML = '<div id="list"></div>'
        document.body.style.margin = 0
        list.style.cssText = 'height:100vh;overflow-y:auto'
        const rows = Array.from({ length: count }, (_, index) => {
          const message = document.createElement('div')
          message.style.cssText = `height:${row}px;overflow:hidden`
          const image = document.createElement('cloak-img')
          image.setAttribute('src', urls[index % urls.length])
          image.setAttribute('width', 120)
          image.setAttribute('height', 80)
          message.append(image)
          return message
        })
        list.append(...rows)
        window.shownUrls = new Set()
        list.addEventListener('cloak-state', ({ detail }) => {
          if (detail.state === 'shown') shownUrls.add(detail.url)
        })
      },
      [urls, count, ROW]
    )
  const live = () =>
    page.evaluate(
      () => [...document.querySelectorAll('cloak-img')].filter((it) => it.image.src !== '').length
    )
  const scrollTo = (top) => page.evaluate((top) => void (list.scrollTop = top), top)
  const everyVisibleOneIsShown = () =>
    until(
      () =>
        page.evaluate(() =>
          [...document.querySelectorAll('cloak-img')].every((image) => {
            const { top, bottom } = image.getBoundingClientRect()
            return bottom <= 0 || top >= innerHeight || image.state === 'shown'
          })
        ),
      'every picture in view is shown'
    )
  const statuses = () => watch.requests(demo.line.mediaUrl).map(({ status }) => status)
  const onlyRevalidated = async (what) => {
    const hasItsAnswer = ({ status, canceled }) => status !== undefined || canceled
    await until(
      () => watch.requests(demo.line.mediaUrl).every(hasItsAnswer),
      'what is loaded beyond the view has its answer'
    )
    const all = statuses().filter((status) => status !== undefined)
    assert.ok(all.length > 0, `${what}: something was loaded`)
    assert.deepEqual([...new Set(all)], [304], `${what}: ${all.length} loads`)
  }

  test('one call presigns a hundred pictures, and no more live than fit', async () => {
    await openElements(page, plain, demo, 'HEADER_BASED')
    await fill()
    await everyVisibleOneIsShown()
    const height = await page.evaluate(() => list.scrollHeight)
    assert.equal(height, MESSAGES * ROW)
    watch.forget()
    await page.evaluate(() => shownUrls.clear())
    const calls = async () => {
      const { presignCalls } = await page.evaluate(() => CometChat.mediaStatistics())
      return presignCalls
    }
    const before = await calls()
    let most = 0
    for (let top = 0; top < PICTURES * ROW; top += SCREEN.height) {
      await scrollTo(top)
      await everyVisibleOneIsShown()
      most = Math.max(most, await live())
    }
    const shown = await page.evaluate(() => shownUrls.size)
    const made = (await calls()) - before
    assert.ok(shown > 0.9 * PICTURES, `${shown} pictures were shown`)
    assert.ok(made <= Math.ceil(shown / 100), `${made} calls for ${shown} pictures`)
    const posts = watch.requests(demo.line.apiUrl).filter(({ url }) => url.endsWith('/presign'))
    assert.equal(posts.filter(({ method }) => method === 'POST').length, made)
    assert.ok(most <= MOST_LIVE, `${most} of ${MESSAGES} live`)
    assert.equal(await page.evaluate(() => list.scrollHeight), height, 'the list never jumps')
    assert.deepEqual(await page.evaluate(() => problems), [])
    assert.deepEqual(watch.faults(), [])
  })

  test('embedded mode shows them without any call', async () => {
    await openElements(page, plain, demo, 'EMBEDDED')
    watch.forget()
    await fill()
    await everyVisibleOneIsShown()
    await scrollTo(2500 * ROW)
    await everyVisibleOneIsShown()
    assert.ok((await live()) <= MOST_LIVE)
    const calls = watch.requests(demo.line.apiUrl).map(({ url }) => url)
    assert.deepEqual(
      calls.filter((url) => !url.endsWith('/me/events')),
      []
    )
  })

  test('a renewed token, a new login and a reload download nothing again', async () => {
    await openElements(page, plain, demo, 'EMBEDDED')
    await fill(200)
    await everyVisibleOneIsShown()
    assert.deepEqual([...new Set(statuses())], [200])

    const fat = await page.evaluate(() => CometChat.getFat())
    await sleep(page, demo, SECONDS_OF_A_FAT - 300)
    await until(
      () => page.evaluate((fat) => ![fat, null].includes(CometChat.getFat()), fat),
      'the token is renewed'
    )
    watch.forget()
    await scrollTo(3000)
    await everyVisibleOneIsShown()
    watch.forget()
    await scrollTo(0)
    await everyVisibleOneIsShown()
    await onlyRevalidated('after a renewal')

    watch.forget()
    await login(page, demo)
    await everyVisibleOneIsShown()
    await scrollTo(3000)
    await everyVisibleOneIsShown()
    await scrollTo(0)
    await everyVisibleOneIsShown()
    await onlyRevalidated('after another login')

    await openElements(page, plain, demo, 'HEADER_BASED', null)
    watch.forget()
    await fill(200)
    await everyVisibleOneIsShown()
    await onlyRevalidated('after a reload, in the other mode')
    const { loads, notModified, bytesSaved } = await page.evaluate(() =>
      CometChat.mediaStatistics()
    )
    assert.ok(loads > 0 && notModified === loads, `${notModified} of ${loads}`)
    assert.ok(bytesSaved > loads * 1000)
  })

  test('what is out of the document holds nothing', async () => {
    await openElements(page, plain, demo, 'HEADER_BASED')
    await fill(50)
    await everyVisibleOneIsShown()
    const moved = await page.evaluate(async () => {
      const image = document.querySelector('cloak-img')
      const { src } = image.image
      list.prepend(image)
      await new Promise((resolve) => setTimeout(resolve))
      return { src, after: image.image.src, state: image.state }
    })
    assert.deepEqual([moved.after, moved.state], [moved.src, 'shown'], 'what moves stays')
    const left = await page.evaluate(async () => {
      const images = [...document.querySelectorAll('cloak-img')]
      list.remove()
      await new Promise((resolve) => setTimeout(resolve))
      return images.filter((it) => it.image.src !== '' || it.state !== 'idle').length
    })
    assert.equal(left, 0)
    assert.deepEqual(await states(page), {})
  })
})
