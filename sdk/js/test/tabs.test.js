import assert from 'node:assert/strict'
import test from 'node:test'
import { CometChat } from '../src/index.js'
import { MEDIA, World, makeFat, mediaUrl, reply } from './world.js'

const { HEADER_BASED } = CometChat.SecureMediaMode
const NEARLY_ONE_FAT_MS = 3_300_000
/** Renewed ten minutes before its end. */
const FAT_IS_DUE_MS = 3_000_000

/** Channels of one origin: what one posts, the others hear. */
class Origin {
  #channels = []

  open = () => {
    const channel = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of this.#channels) {
          if (other !== channel) queueMicrotask(() => other.onmessage?.({ data }))
        }
      }
    }
    this.#channels.push(channel)
    return channel
  }
}

/** Two tabs of one storage; the second takes up the session of the first. */
async function twoTabs(mode, extra = {}) {
  const world = new World()
  world.fat = () => {
    const body = { iat: world.serverNow, exp: world.serverNow + 3600, sid: 's1' }
    return makeFat(body.iat, body.exp, world.requests.length, body.sid)
  }
  const origin = new Origin()
  const open = () => world.open({ channel: origin.open, locks: null, ...extra })
  const first = open()
  const timers = new Map(world.timers)
  await first.init('demoapp', world.settings(first, mode))
  await world.run(first.login('ckr_auth'))
  for (const [id, timer] of world.timers) timers.set(id, timer)
  const second = open()
  for (const [id, timer] of timers) world.timers.set(id, timer)
  await second.init('demoapp', world.settings(second, mode))
  await world.advance()
  return { world, first, second }
}

test('one tab renews for both', async () => {
  const { world, first, second } = await twoTabs()
  const before = world.sent('POST me/fat').length
  await world.advance(NEARLY_ONE_FAT_MS)
  assert.equal(world.sent('POST me/fat').length, before + 1)
  assert.equal(first.getFat(), second.getFat())
  assert.notEqual(first.getFat(), null)
})

test('a tab waits for the one that is renewing', async () => {
  const { world, first, second } = await twoTabs()
  let answer
  world.routes['POST me/fat'] = () =>
    new Promise((resolve) => {
      answer = () =>
        resolve({ data: { fat: world.fat(), fatExpiresAt: world.serverNow + 3600 }, meta: {} })
    })
  await world.advance(FAT_IS_DUE_MS + 1000)
  answer()
  await world.advance(500)
  assert.equal(world.sent('POST me/fat').length, 1)
  assert.equal(first.getFat(), second.getFat())
})

test('a tab that waits in vain for another one renews by itself', async () => {
  const { world, second } = await twoTabs()
  let isFirst = true
  world.routes['POST me/fat'] = () => {
    if (!isFirst) return { data: { fat: world.fat(), fatExpiresAt: world.serverNow + 3600 } }
    isFirst = false
    return new Promise(() => {})
  }
  await world.advance(NEARLY_ONE_FAT_MS + 10_000)
  assert.equal(world.sent('POST me/fat').length, 2)
  assert.notEqual(second.getFat(), null)
})

test('what one tab presigned opens in the other', async () => {
  const { world, first, second } = await twoTabs(HEADER_BASED)
  const opens = await world.run(first.fetchPresignedUrl(MEDIA))
  assert.equal(await world.run(second.fetchPresignedUrl(MEDIA)), opens)
  assert.equal(world.sent('POST media/presign').length, 1)
})

test('a logout ends the other tab, which is told why', async () => {
  const { world, first, second } = await twoTabs()
  const told = []
  first.onSessionExpired(({ code }) => told.push(`first ${code}`))
  second.onSessionExpired(({ code, reason, retry }) => told.push(`${code} ${reason} ${retry}`))
  await world.run(first.logout())
  assert.equal(await second.getLoggedinUser(), null)
  assert.deepEqual(told, ['ERR_SESSION_ENDED session_ended false'])
})

test('a session that the server ended is told in every tab', async () => {
  const { world, first, second } = await twoTabs()
  const told = []
  for (const chat of [first, second]) chat.onSessionExpired(({ code }) => told.push(code))
  world.routes['GET users/bob'] = () =>
    reply(401, { error: { code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND', message: 'no' } })
  await assert.rejects(world.run(first.getUser('bob')))
  await world.advance()
  assert.deepEqual(told, ['ERR_SESSION_ENDED', 'ERR_SESSION_ENDED'])
  assert.equal(second.getFat(), null)
})

test('a tab of another session hears nothing', async () => {
  const { world, first, second } = await twoTabs(HEADER_BASED)
  world.fat = () => makeFat(world.serverNow, world.serverNow + 3600, 'x', 's2')
  await world.run(second.login('ckr_other'))
  await world.run(first.fetchPresignedUrl(mediaUrl(3)))
  await world.run(second.fetchPresignedUrl(mediaUrl(3)))
  assert.equal(world.sent('POST media/presign').length, 2)
  await world.run(first.logout())
  assert.notEqual(await second.getLoggedinUser(), null)
})

test('a logout has the media host clear the copies, with the token that has just ended', async () => {
  const world = new World()
  const chat = await world.run(world.loggedIn())
  const fat = chat.getFat()
  await world.run(chat.logout())
  const { url, init } = world.requests.at(-1)
  assert.ok(url.endsWith(`/demoapp/media/00000000000000000000000000000000.jpg?fat=${fat}`), url)
  assert.deepEqual([init.mode, init.credentials], ['no-cors', 'include'])
  assert.equal(world.requests.at(-2).what, 'DELETE me', 'after the server has ended it')
})

test('in header mode that is a presigned URL, and nothing where none was made', async () => {
  const world = new World()
  const chat = await world.run(world.loggedIn(HEADER_BASED))
  const opens = await world.run(chat.fetchPresignedUrl(MEDIA))
  await world.run(chat.logout())
  assert.equal(world.requests.at(-1).url, opens)
  await world.run(chat.login('ckr_other'))
  await world.run(chat.logout())
  assert.equal(world.requests.at(-1).what, 'DELETE me')
})
