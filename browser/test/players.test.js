/** `<cloak-video>` and `<cloak-audio>`, and players of the page's own, through renewals. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openElements, sleep } from '../harness/elements_page.js'
import { useStage } from '../harness/stage.js'
import { until } from '../harness/until.js'

/** Longest step of media time across a swap, in seconds. */
const LONGEST_STEP_SECONDS = 0.25
const RENEWALS = 3
/** Past the renewal, and before the end, of what each mode loads by. */
const NEARLY_ONE_LIFE = { EMBEDDED: 24 * 3600 - 15, HEADER_BASED: 870 }
const CAPTIONS = 'WEBVTT\n\n00:00.000 --> 01:00.000\nhere\n'

suite('players', () => {
  let demo, plain, page, watch
  useStage({}, (stage) => {
    ;({ demo, plain, page, watch } = stage)
  })

  /** Puts an element on the page that shows the demo's first film or sound, as `window.it`. */
  const show = (tag, kind) =>
    page.evaluate(
      async ([guid, uid, tag, kind, captions]) => {
        const builder = () => new CometChat.MessagesRequestBuilder().setLimit(100)
        const messages = await Promise.all([
          builder().setGUID(guid).build().fetchPrevious(),
          builder().setUID(uid).build().fetchPrevious()
        ])
        const attachments = messages.flat().flatMap((it) => it.getAttachments?.() ?? [])
        const medium = attachments.find((it) => it.getMimeType().startsWith(kind))
        window.it = document.createElement(tag)
        it.controls = true
        const track = document.createElement('track')
        track.kind = 'captions'
        track.src = URL.createObjectURL(new Blob([captions], { type: 'text/vtt' }))
        it.append(track)
        window.errors = []
        it.addEventListener('error', () => errors.push('error'))
        document.body.append(it)
        if ('attachment' in it) it.attachment = medium
        else {
          const { bindMedia } = await import('/sdk/index.js')
          window.binding = bindMedia(it, medium)
        }
      },
      [demo.line.group, demo.line.users[1], tag, kind, CAPTIONS]
    )
  const isShown = () =>
    until(() => page.evaluate(() => (it.state ?? it.dataset.cloak) === 'shown'), 'it is shown')
  const play = async (rate = 1.25) => {
    await isShown()
    await page.evaluate((rate) => (window.rate = rate), rate)
    await page.evaluate(async () => {
      it.volume = 0.4
      it.playbackRate = window.rate
      it.textTracks[0].mode = 'hidden'
      await it.play()
      window.samples = []
      window.heard = []
      for (const type of ['pause', 'play', 'waiting', 'seeking', 'ended']) {
        it.addEventListener(type, () => heard.push(type))
      }
      const look = () => {
        if (window.samples === null) return
        samples.push({ at: performance.now(), time: it.currentTime, paused: it.paused })
        requestAnimationFrame(look)
      }
      look()
    })
    await until(() => page.evaluate(() => it.currentTime > 0.5), 'it plays')
  }
  /** The steps of media time from frame to frame of the page. */
  const steps = () =>
    page.evaluate(() => samples.slice(1).map(({ time }, index) => time - samples[index].time))
  const goesOn = async () => {
    const time = await page.evaluate(() => it.currentTime)
    await until(() => page.evaluate((time) => it.currentTime > time + 0.3, time), 'it goes on')
  }
  const kept = () =>
    page.evaluate(() => [it.volume, it.playbackRate, it.textTracks.length, it.textTracks[0].mode])
  const renew = async (seconds) => {
    await page.evaluate(() => (window.playerBefore = it.player))
    await sleep(page, demo, seconds)
    await until(() => page.evaluate(() => it.player !== playerBefore), 'another player took over')
    await goesOn()
  }

  for (const mode of ['EMBEDDED', 'HEADER_BASED']) {
    for (const kind of ['video', 'audio']) {
      test(`${mode}: ${kind} plays on through three renewals`, async () => {
        await openElements(page, plain, demo, mode)
        await show(`cloak-${kind}`, `${kind}/`)
        const rate = kind === 'audio' ? 0.5 : 1.25
        await play(rate)
        const urls = new Set()
        for (let renewal = 0; renewal < RENEWALS; renewal += 1) {
          await renew(NEARLY_ONE_LIFE[mode])
          urls.add(await page.evaluate(() => it.player.src))
        }
        assert.equal(urls.size, RENEWALS, 'each time by another URL')
        const all = await steps()
        assert.ok(Math.min(...all) >= 0, `back by ${-Math.min(...all)} s`)
        assert.ok(Math.max(...all) <= LONGEST_STEP_SECONDS, `ahead by ${Math.max(...all)} s`)
        assert.ok(await page.evaluate(() => samples.every(({ paused }) => !paused)))
        assert.deepEqual(await page.evaluate(() => heard), [], 'nobody hears of a renewal')
        assert.deepEqual(await kept(), [0.4, rate, 1, 'hidden'])
        assert.deepEqual(await page.evaluate(() => [...errors, ...problems]), [])
        const inside = (kind) => it.shadowRoot.querySelectorAll(kind).length
        assert.equal(await page.evaluate(inside, kind), 1, 'the first player is gone')
        assert.deepEqual(watch.faults(), [])
      })
    }
  }

  test('a paused film is renewed without starting', async () => {
    await openElements(page, plain, demo, 'HEADER_BASED')
    await show('cloak-video', 'video/')
    await isShown()
    await page.evaluate(async () => {
      it.currentTime = 5
      window.playerBefore = it.player
    })
    await sleep(page, demo, NEARLY_ONE_LIFE.HEADER_BASED)
    await until(() => page.evaluate(() => it.player !== playerBefore), 'another player took over')
    assert.deepEqual(await page.evaluate(() => [it.paused, it.currentTime]), [true, 5])
  })

  test('a film goes on after the laptop slept past the end of its URL', async () => {
    await openElements(page, plain, demo, 'HEADER_BASED')
    await show('cloak-video', 'video/')
    await play()
    await renew(7 * 24 * 3600)
    assert.deepEqual(await page.evaluate(() => [...errors, ...problems]), [])
    assert.equal(await page.evaluate(() => it.paused), false)
  })

  test('captions that fail are no failure of the film', async () => {
    await openElements(page, plain, demo, 'EMBEDDED')
    await show('cloak-video', 'video/')
    await isShown()
    const isHeard = await page.evaluate(() => {
      const track = document.createElement('track')
      let isHeard = false
      track.addEventListener('error', () => (isHeard = true))
      it.player.append(track)
      track.dispatchEvent(new Event('error'))
      return isHeard
    })
    assert.ok(isHeard, 'who brought them hears of it')
  })

  test('what plays in the place of a film is not taken for the film', async () => {
    await openElements(page, plain, demo, 'EMBEDDED')
    await show('cloak-video', 'video/')
    await isShown()
    const heard = await page.evaluate(() => {
      const other = document.createElement('video')
      other.slot = 'placeholder'
      it.append(other)
      const heard = []
      it.addEventListener('playing', ({ target }) => heard.push(target.localName))
      for (const player of [other, it.player]) player.dispatchEvent(new Event('playing'))
      return heard
    })
    assert.deepEqual(heard, ['cloak-video'], 'once, by its own player')
  })

  test("a player of the page's own goes on in place", async () => {
    await openElements(page, plain, demo, 'HEADER_BASED')
    await show('video', 'video/')
    await play()
    const before = await page.evaluate(() => ({ src: it.src, time: it.currentTime }))
    await sleep(page, demo, NEARLY_ONE_LIFE.HEADER_BASED)
    await until(() => page.evaluate((src) => it.src !== src, before.src), 'it has another URL')
    await until(() => page.evaluate(() => it.readyState >= 2 && !it.paused), 'it plays again')
    await goesOn()
    const time = await page.evaluate(() => it.currentTime)
    assert.ok(time > before.time && time < before.time + 15, `${before.time} to ${time}`)
    assert.deepEqual(await kept(), [0.4, 1.25, 1, 'hidden'])
    assert.deepEqual(await page.evaluate(() => errors), [])
    await page.evaluate(() => binding.release())
    assert.equal(await page.evaluate(() => it.getAttribute('src')), null)
  })

  test('what is taken back while it plays stops and says why', async () => {
    await openElements(page, plain, demo, 'EMBEDDED')
    await show('cloak-video', 'video/')
    await play()
    await until(
      () => watch.requests(demo.line.apiUrl).some(({ url }) => url.endsWith('/me/events')),
      'the page watches'
    )
    const media = await page.evaluate(() => /([0-9a-f]{32})\./.exec(it.src)[1])
    const answer = await fetch(`${demo.line.apiUrl}/v3/revocations`, {
      method: 'POST',
      headers: {
        appid: demo.line.appId,
        apikey: demo.line.apiKey,
        'content-type': 'application/json'
      },
      body: JSON.stringify({ kind: 'file', id: media })
    })
    assert.ok(answer.ok, `${answer.status} ${await answer.text()}`)
    await until(() => page.evaluate(() => it.state === 'gone'), 'it leaves the screen')
    assert.deepEqual(await page.evaluate(() => [it.player.paused, it.player.getAttribute('src')]), [
      true,
      null
    ])
    assert.deepEqual(await page.evaluate(() => problems), ['ERR_MEDIA_GONE'])
    const text = await page.evaluate(() => it.shadowRoot.querySelector('[part=problem]').innerText)
    assert.match(text, /taken back/)
  })
})
