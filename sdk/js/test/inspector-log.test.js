import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MediaLog } from '../src/inspector-log.js'

const ID = '0123456789abcdef0123456789abcdef'
const at = (name) => `https://files.test/demoapp/media/${name}`
const timing = (name, transferSize, encodedBodySize) => ({ name, transferSize, encodedBodySize })

test('versions of one medium are one, and what was heard of last is the first', () => {
  const log = new MediaLog()
  log.noteState({ state: 'loading', url: at(`${ID}.jpg`) }, null, 1000)
  log.noteLoad({ url: at(`${ID}_small.webp`), by: 'presigned', why: 'first' }, null, 1000)
  log.noteState({ state: 'shown', url: at('f'.repeat(32) + '.png') }, null, 2000)
  log.noteState({ state: 'shown', url: at(`${ID}_small.webp`) }, null, 3000)
  assert.deepEqual(
    log.media.map(({ key, state, version, by }) => [key, state, version, by]),
    [
      [ID, 'shown', 'small', 'presigned'],
      ['f'.repeat(32), 'shown', null, null]
    ]
  )
  assert.deepEqual(
    log.media[0].lines.map(({ text }) => text),
    ['loading', 'loads (small)', 'shown']
  )
})

test('renewals, retries, refusals and bytes are counted', () => {
  const log = new MediaLog()
  const url = at(`${ID}.mp4`)
  for (const why of ['first', 'renewal', 'renewal', 'retry']) {
    log.noteLoad({ url, by: 'fat', why }, null, 0)
  }
  log.noteTiming(timing(`${url}?fat=a`, 5300, 5000))
  log.noteTiming(timing(`${url}?fat=b`, 300, 5000))
  log.noteTiming(timing('https://other.test/a.js', 5300, 5000))
  const refusal = { code: 'ERR_NOT_PERMITTED', reason: 'not_permitted', message: 'no' }
  log.noteState({ state: 'error', url, ...refusal }, null, 0)
  log.noteState({ state: 'shown', url }, null, 0)
  const [medium] = log.media
  assert.deepEqual([medium.renewals, medium.retries], [2, 1])
  assert.deepEqual([medium.state, medium.reason], ['shown', 'not_permitted'])
  const { loads, notModified, bytesLoaded, bytesSaved } = medium.loads
  assert.deepEqual([loads, notModified, bytesLoaded, bytesSaved], [2, 1, 5000, 5000])
})

test('no credential is kept, whatever it hears', () => {
  const log = new MediaLog()
  const secret = 'eyJzZWNyZXQ'
  log.noteState({ state: 'shown', url: at(`${ID}.jpg?fat=${secret}`) }, null, 0)
  log.noteState({ state: 'shown', url: `https://a.test/x?Signature=${secret}#${secret}` }, null, 0)
  log.noteLoad({ url: at(`${ID}.jpg?fat=${secret}`), by: 'fat', why: 'first' }, null, 0)
  assert.ok(!JSON.stringify(log.media).includes(secret))
  assert.equal(log.media.length, 2)
})

test('it keeps a bounded number of media and lines', () => {
  const log = new MediaLog()
  for (let n = 0; n < 1200; n += 1) {
    const url = at(`${n.toString(16).padStart(32, '0')}.jpg`)
    for (let times = 0; times < 40; times += 1) log.noteState({ state: 'shown', url }, null, n)
  }
  assert.equal(log.media.length, 1000)
  assert.ok(log.media.every(({ lines }) => lines.length === 30))
  assert.equal(log.media.at(-1).key, (200).toString(16).padStart(32, '0'))
})
