import assert from 'node:assert/strict'
import test from 'node:test'
import { MEDIA, World, mediaUrl, reply } from './world.js'

const ID = /([0-9a-f]{32})\./.exec(MEDIA)[1]
const WATCH = 'POST me/events'

/** A stream of events that the test writes. */
class Events {
  constructor(world) {
    world.routes[WATCH] = () => {
      const body = new ReadableStream({ start: (controller) => (this.to = controller) })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    }
  }

  write(text) {
    this.to.enqueue(new TextEncoder().encode(text))
  }
}

async function watching(urls = [MEDIA]) {
  const world = new World()
  const events = new Events(world)
  const chat = await world.run(world.loggedIn())
  const told = []
  const stops = urls.map((url) => chat.watchMedia(url, (gone) => told.push(gone)))
  await world.advance(1000)
  return { world, events, chat, told, stops }
}

test('one stream watches what is on the screen, by clean URLs', async () => {
  const { world, told } = await watching([MEDIA, `${mediaUrl(7)}?fat=x`, 'https://else.test/a.jpg'])
  assert.deepEqual(
    world.sent(WATCH).map(({ body }) => body),
    [{ media: [MEDIA, mediaUrl(7)] }]
  )
  assert.deepEqual(told, [])
})

test('a medium that is gone is told once, however its event is cut', async () => {
  const { world, events, told } = await watching([MEDIA, mediaUrl(7)])
  events.write(': hello\n\nevent: go')
  await world.advance()
  events.write(`ne\r\ndata: {"media":"${ID}"}\r\n\r\nevent: gone\ndata: {"media":"${ID}"}\n\n`)
  await world.advance()
  assert.deepEqual(told, [{ url: MEDIA, reason: 'gone' }])
})

test('events that are none of ours change nothing', async () => {
  const { world, events, told } = await watching()
  events.write('event: gone\ndata: nonsense\n\nevent: gone\ndata: {"media":".*"}\n\n')
  events.write(`event: other\ndata: {"media":"${ID}"}\n\ndata: {"media":"${ID}"}\n\n`)
  await world.advance()
  assert.deepEqual(told, [])
})

test('a stream that ends is opened again, ever more slowly', async () => {
  const { world, events } = await watching()
  events.to.close()
  await world.advance(1500)
  assert.equal(world.sent(WATCH).length, 2)
  world.routes[WATCH] = () => new Error('offline')
  events.to.close()
  await world.advance(10 * 60_000)
  const sent = world.sent(WATCH).length
  assert.ok(sent > 4 && sent < 100, `${sent} calls in ten minutes`)
})

test('a server without the stream is asked once', async () => {
  const world = new World()
  const chat = await world.run(world.loggedIn())
  chat.watchMedia(MEDIA, () => assert.fail('nothing was told'))
  await world.advance(60 * 60_000)
  assert.equal(world.sent(WATCH).length, 1)
})

test('a runtime whose answers have no body as a stream asks once, and nothing is told', async () => {
  const world = new World()
  world.routes[WATCH] = () =>
    Object.defineProperty(new Response('event: gone'), 'body', { value: undefined })
  const chat = await world.run(world.loggedIn())
  chat.watchMedia(MEDIA, () => assert.fail('nothing was told'))
  await world.advance(60 * 60_000)
  assert.equal(world.sent(WATCH).length, 1)
  // What is watched later is tried once as well, and the session goes on.
  chat.watchMedia(mediaUrl(7), () => assert.fail('nothing was told'))
  await world.advance(60 * 60_000)
  assert.equal(world.sent(WATCH).length, 2)
  assert.equal((await chat.getLoggedinUser()).getUid(), 'alice')
})

test('an ended session takes everything off the screen', async () => {
  const { world, events, told, chat } = await watching()
  world.routes['POST me/fat'] = () =>
    reply(401, { error: { code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND', message: 'no' } })
  events.write('event: session_ended\ndata: {}\n\n')
  await world.advance()
  assert.deepEqual(told, [{ url: MEDIA, reason: 'session_ended' }])
  assert.equal(await chat.getLoggedinUser(), null)
})

test('a stop ends the stream with the last one watched', async () => {
  const { world, told, stops } = await watching([MEDIA, mediaUrl(7)])
  const { signal } = world.sent(WATCH)[0].init
  stops[0]()
  assert.equal(signal.aborted, false)
  stops[1]()
  assert.equal(signal.aborted, true)
  await world.advance(60 * 60_000)
  assert.equal(world.sent(WATCH).length, 1)
  assert.deepEqual(told, [])
})

test('one listener that throws keeps no other from hearing', async () => {
  const { world, events, chat, told } = await watching()
  chat.watchMedia(mediaUrl(7), () => {
    throw new Error('a fault of the page')
  })
  chat.watchMedia(mediaUrl(7), (gone) => told.push(gone))
  await world.advance(1000)
  const id = /([0-9a-f]{32})\./.exec(mediaUrl(7))[1]
  events.write(`event: gone\ndata: {"media":"${id}"}\n\n`)
  await assert.rejects(world.advance(10), /a fault of the page/)
  assert.deepEqual(told, [{ url: mediaUrl(7), reason: 'gone' }])
})
