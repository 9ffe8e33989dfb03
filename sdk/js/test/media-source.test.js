import assert from 'node:assert/strict'
import test from 'node:test'
import { candidatesOf, fitting } from '../src/media-source.js'
import { count, noLoads } from '../src/media-statistics.js'
import { readThumbHash } from '../src/thumb-hash.js'
import { CometChat, CometChatException, MediaMessage } from '../src/index.js'
import { HOST, MEDIA, World, mediaUrl } from './world.js'

const thumbnail = (variant, extension = 'jpg') => MEDIA.replace('.jpg', `_${variant}.${extension}`)
const source = {
  url: MEDIA,
  width: 4000,
  height: 2000,
  thumbnails: ['large', 'small', 'medium'].map((variant) => thumbnail(variant))
}

test('the thumbnail that fits is the narrowest that is wide enough', () => {
  const cases = [
    [source, 100, thumbnail('small')],
    [source, 320, thumbnail('small')],
    [source, 321, thumbnail('medium')],
    [source, 1600, thumbnail('large')],
    [source, 1601, MEDIA],
    [source, 9999, MEDIA],
    [{ ...source, width: 1000, height: 2000 }, 160, thumbnail('small')],
    [{ ...source, width: 1000, height: 2000 }, 161, thumbnail('medium')],
    [{ ...source, url: MEDIA.replace('jpg', 'gif') }, 100, MEDIA.replace('jpg', 'gif')],
    [{ url: MEDIA }, 100, MEDIA],
    [{ url: MEDIA, thumbnails: [MEDIA, 'https://else.test/x.jpg'] }, 100, MEDIA],
    [{ url: MEDIA, thumbnails: [{ url: 'mine', width: 200 }] }, 100, 'mine'],
    [
      { ...source, thumbnails: [`${thumbnail('small', 'webp')}?fat=x`] },
      9,
      `${thumbnail('small', 'webp')}?fat=x`
    ]
  ]
  for (const [given, pixels, url] of cases) {
    assert.equal(
      fitting(candidatesOf(given), { offsetWidth: pixels })?.url,
      url,
      `${JSON.stringify(given)} ${pixels}`
    )
  }
})

/** Colours of a ThumbHash on a grid, row by row. */
function coloursOf(hash, columns, rows) {
  const colourAt = readThumbHash(hash)
  return Array.from({ length: columns * rows }, (_, index) =>
    colourAt(((index % columns) + 0.5) / columns, (Math.floor(index / columns) + 0.5) / rows)
  )
}

test('a ThumbHash reads as the colours of its picture', () => {
  const cases = ['', 'AAAA', '%%%', 'AAAAAAAA'.slice(0, 6)]
  for (const none of cases) assert.equal(readThumbHash(none), null, none)
  const grey = coloursOf(hashOf({ l: 32 }), 3, 2)
  assert.equal(grey.length, 6)
  for (const [r, g, b, a] of grey) {
    assert.ok(
      Math.abs(r - 130) < 12 && Math.abs(r - g) < 12 && Math.abs(g - b) < 12,
      `${r} ${g} ${b}`
    )
    assert.equal(a, 1)
  }
  const [dark, light] = [hashOf({ l: 0 }), hashOf({ l: 63 })].map((it) => coloursOf(it, 1, 1)[0])
  assert.ok(dark[1] < 20 && light[1] > 235, `${dark} ${light}`)
  const [red] = coloursOf(hashOf({ l: 20, q: 63 }), 1, 1)
  assert.ok(red[0] > red[1] + 100, `${red}`)
})

test('waves and alpha of a ThumbHash are read from their places', () => {
  const plain = Buffer.from('VCcKDYIXiHh/eXd1hhmIhVd1gPUo', 'base64')
  const withAlpha = Buffer.concat([plain, plain])
  withAlpha[2] |= 128
  const cases = [
    [plain, '135 107 144 1.00, 147 120 155 1.00, 39 26 51 1.00, 52 39 63 1.00'],
    [withAlpha, '111 95 121 0.43, 105 86 117 0.71, 59 34 66 0.38, 62 42 74 0.35']
  ]
  for (const [hash, expected] of cases) {
    const colours = coloursOf(hash.toString('base64'), 2, 2).map(
      ([r, g, b, a]) => `${[r, g, b].map(Math.round).join(' ')} ${a.toFixed(2)}`
    )
    assert.equal(colours.join(', '), expected)
  }
})

/** A hash of one colour: means of lightness, p and q, and no waves. */
function hashOf({ l, p = 32, q = 32 }) {
  const header = l | (p << 6) | (q << 12)
  const bytes = [
    header & 255,
    (header >> 8) & 255,
    (header >> 16) & 255,
    7,
    0,
    ...Array(16).fill(0)
  ]
  return Buffer.from(bytes).toString('base64')
}

test('a 304 is told from a load, and a copy out of memory from both', () => {
  const loads = noLoads()
  count(loads, { transferSize: 0, encodedBodySize: 5000 })
  count(loads, { transferSize: 300, encodedBodySize: 5000 })
  count(loads, { transferSize: 5300, encodedBodySize: 5000 })
  count(loads, { transferSize: 300, encodedBodySize: 0 })
  assert.deepEqual(loads, { loads: 3, notModified: 1, bytesLoaded: 5000, bytesSaved: 5000 })
})

test('messages are prefetched in one call, pictures alone', async () => {
  const world = new World()
  const chat = await world.run(world.loggedIn(CometChat.SecureMediaMode.HEADER_BASED))
  const file = (n, mimeType, thumbnails) => ({ url: mediaUrl(n), mimeType, thumbnails })
  const small = mediaUrl(2).replace('.jpg', '_small.jpg')
  const messages = [
    file(1, 'image/png'),
    { ...file(2, 'image/jpeg', [small]), width: 1000, height: 1000 },
    file(3, 'application/pdf')
  ].map((it) => new MediaMessage({ type: 'image', data: { attachments: [it] } }))
  await world.run(chat.prefetch(messages))
  assert.deepEqual(
    world.sent('POST media/presign').map(({ body }) => body.urls),
    [[mediaUrl(1), small]]
  )
  world.routes['POST media/presign'] = () => new Error('offline')
  await world.run(
    chat.prefetch([new MediaMessage({ data: { attachments: [file(9, 'image/png')] } })])
  )
})

test('an exception says why, and whether asking again may help', () => {
  const cases = [
    [new CometChatException('ERR_NETWORK'), undefined, true],
    [new CometChatException('ERR_X', ''), undefined, false],
    [new CometChatException('ERR_X', '', { reason: 'not_ready', retry: true }), 'not_ready', true],
    [new CometChatException('ERR_NETWORK', '', { reason: 7, retry: false }), undefined, false]
  ]
  for (const [error, reason, retry] of cases) {
    assert.deepEqual([error.reason, error.retry], [reason, retry], error.code)
  }
  assert.equal(new CometChatException('ERR_FILE_EMPTY').message, 'file empty')
})

test('the statistics tell calls and URLs', async () => {
  const world = new World()
  const chat = await world.run(world.loggedIn(CometChat.SecureMediaMode.HEADER_BASED))
  await world.run(chat.fetchPresignedUrls([mediaUrl(1), mediaUrl(2), `${HOST}no`]))
  const { presignCalls, presignedUrls, loads } = chat.mediaStatistics()
  assert.deepEqual(
    { presignCalls, presignedUrls, loads },
    { presignCalls: 1, presignedUrls: 2, loads: 0 }
  )
})
