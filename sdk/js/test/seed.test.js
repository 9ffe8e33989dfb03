import assert from 'node:assert/strict'
import test from 'node:test'
import { CometChat, CometChatException, CometChatHelper } from '../src/index.js'
import { HOST, MEDIA, ORIGIN, World, mediaUrl, refused } from './world.js'

const { EMBEDDED, HEADER_BASED } = CometChat.SecureMediaMode

const picture = (url) => ({
  id: '7',
  conversationId: 'alice_user_bob',
  sender: 'bob',
  receiver: 'alice',
  receiverType: 'user',
  category: 'message',
  type: 'image',
  sentAt: 1,
  data: {
    url,
    text: `see ${url}`,
    caption: url,
    metadata: { url },
    attachments: [
      { url, name: url, mimeType: 'image/jpeg', extension: 'jpg', size: 1, thumbnails: [url] }
    ],
    entities: { sender: { entity: { uid: 'bob', name: 'Bob', avatar: url }, entityType: 'user' } }
  }
})

async function received(world, chat, url) {
  world.routes['GET users/bob/messages'] = { data: [picture(url)], meta: {} }
  const request = new chat.MessagesRequestBuilder().setUID('bob').build()
  return (await request.fetchPrevious())[0]
}

test('the members of the seed are there', () => {
  assert.deepEqual({ ...CometChat.SecureMediaMode }, { EMBEDDED: 0, HEADER_BASED: 1 })
  assert.equal(CometChatHelper.isHeaderModeEnabled(), false)
  assert.equal(CometChatHelper.requiresSecureAccess(MEDIA), false)
  assert.equal(CometChat.getFat(), null)
  const builder = new CometChat.AppSettingsBuilder()
  const settings = builder
    .subscribePresenceForAllUsers()
    .setRegion('us')
    .autoEstablishSocketConnection(true)
    .setSecureMediaMode(HEADER_BASED)
    .overrideAdminHost('a.example.com')
    .overrideClientHost('c.example.com')
    .build()
  assert.equal(settings.secureMediaMode, 1)
  assert.equal(new CometChat.AppSettingsBuilder().build().secureMediaMode, EMBEDDED)
})

test('init without a host rejects', async () => {
  const chat = new World().open()
  const settings = new chat.AppSettingsBuilder().setRegion('us').build()
  await assert.rejects(chat.init('demoapp', settings), CometChatException)
})

test('login by uid mints a token at the admin host, and no call carries cookies', async () => {
  const world = new World()
  const chat = world.open()
  world.routes['POST users/alice/auth_tokens'] = { data: { uid: 'alice', authToken: 'T' } }
  const settings = new chat.AppSettingsBuilder()
    .overrideClientHost('c.example.com')
    .overrideAdminHost('a.example.com')
    .build()
  assert.equal(await chat.init('demoapp', settings), true)
  assert.equal((await chat.login('alice', 'KEY')).getUid(), 'alice')
  const [mint, me] = world.requests
  assert.equal(mint.url, 'https://a.example.com/v3/users/alice/auth_tokens')
  assert.equal(mint.init.headers.apikey, 'KEY')
  assert.equal(mint.init.headers.authtoken, undefined)
  assert.equal(me.url, 'https://c.example.com/v3/me')
  assert.equal(me.init.headers.authtoken, 'T')
  assert.ok(world.requests.every(({ init }) => init.credentials === 'omit'))
  assert.equal((await chat.getLoggedinUser()).getName(), 'Alice')
})

test('embedded mode adds the FAT to URL slots and to nothing else', async () => {
  const world = new World()
  const chat = await world.loggedIn()
  const message = await received(world, chat, MEDIA)
  const ready = `${MEDIA}?fat=${chat.getFat()}`
  assert.equal(message.getURL(), ready)
  assert.equal(message.getAttachments()[0].getUrl(), ready)
  assert.equal(message.getAttachment().getThumbnails()[0], ready)
  assert.equal(message.getSender().getAvatar(), ready)
  assert.equal(message.getCaption(), `see ${MEDIA}`)
  assert.equal(message.getMetadata().url, MEDIA)
  assert.equal(message.getData().caption, MEDIA)
  assert.equal(message.getAttachment().getName(), MEDIA)
})

test('a quoted message and who acted get the FAT, what people add of their own does not', async () => {
  const world = new World()
  const chat = await world.loggedIn()
  const entity = { uid: 'bob', avatar: MEDIA, metadata: { avatar: MEDIA } }
  const data = {
    thumbnails: [{ url: MEDIA }],
    customData: { url: MEDIA, sender: { avatar: MEDIA } },
    entities: { by: { entity, entityType: 'user' } }
  }
  const quotedMessage = { ...picture(MEDIA), sender: entity, data }
  world.routes['GET messages/7'] = { data: { ...picture('x'), quotedMessage } }
  const message = await chat.getMessageDetails('7')
  const ready = `${MEDIA}?fat=${chat.getFat()}`
  const live = { ...entity, avatar: ready }
  const expected = {
    thumbnails: [{ url: ready }],
    customData: data.customData,
    entities: { by: { entity: live, entityType: 'user' } }
  }
  const quoted = JSON.parse(JSON.stringify(message)).quotedMessage
  assert.deepEqual(quoted, { ...quotedMessage, sender: live, data: expected })
})

test('a foreign URL that holds ours never gets the FAT', async () => {
  const world = new World()
  const chat = await world.loggedIn()
  for (const url of [`https://evil.test/?u=${MEDIA}`, MEDIA.replace('.com', '.com.evil.test')]) {
    const message = await received(world, chat, url)
    assert.ok(!JSON.stringify(message).includes('fat='), url)
  }
})

test('header mode leaves URLs clean', async () => {
  const world = new World()
  const chat = await world.loggedIn(HEADER_BASED)
  const message = await received(world, chat, MEDIA)
  assert.equal(message.getURL(), MEDIA)
  assert.ok(!JSON.stringify(message).includes('fat='))
})

test('a message already handed out reads with the renewed FAT', async () => {
  const world = new World()
  const chat = await world.loggedIn()
  const message = await received(world, chat, MEDIA)
  const before = message.getURL()
  await world.advance(3_000_000)
  assert.notEqual(message.getURL(), before)
  assert.equal(message.getURL(), `${MEDIA}?fat=${chat.getFat()}`)
})

test('getFat is null at its end by the clock of the server', async () => {
  const world = new World()
  world.serverAhead = 500
  const chat = await world.loggedIn()
  world.routes['POST me/fat'] = new TypeError('offline')
  assert.equal(chat.getFat().split('.').length, 3)
  world.time += 3599_000
  assert.notEqual(chat.getFat(), null)
  world.time += 1_000
  assert.equal(chat.getFat(), null)
})

test('header mode is enabled only with mode, valid FAT and host together', async () => {
  const world = new World()
  assert.equal((await world.loggedIn(EMBEDDED)).CometChatHelper.isHeaderModeEnabled(), false)
  const chat = await world.loggedIn(HEADER_BASED)
  assert.equal(chat.CometChatHelper.isHeaderModeEnabled(), true)
  world.routes['POST me/fat'] = new TypeError('offline')
  world.time += 3600_000
  assert.equal(chat.CometChatHelper.isHeaderModeEnabled(), false)
  const off = new World()
  off.protection = false
  assert.equal((await off.loggedIn(HEADER_BASED)).CometChatHelper.isHeaderModeEnabled(), false)
})

test('requiresSecureAccess compares the parsed host', async () => {
  const { CometChatHelper } = await new World().loggedIn()
  assert.equal(CometChatHelper.getSecureMediaHost(), 'files-us.example.com')
  const cases = [
    [MEDIA, true],
    [`${ORIGIN}/other`, true],
    [`https://evil.test/?u=${MEDIA}`, false],
    ['https://files-us.example.com.evil.test/', false],
    ['https://files-us.example.com@evil.test/', false],
    ['nonsense', false],
    ['', false],
    [undefined, false]
  ]
  for (const [url, expected] of cases)
    assert.equal(CometChatHelper.requiresSecureAccess(url), expected)
})

test('the helpers are right at once after a reload, and messages need not wait', async () => {
  const world = new World()
  const fat = (await world.loggedIn(HEADER_BASED)).getFat()
  world.routes['PUT me'] = new Promise(() => {})
  const chat = world.open()
  void chat.init('demoapp', world.settings(chat, HEADER_BASED))
  assert.equal(chat.CometChatHelper.isHeaderModeEnabled(), true)
  assert.equal(chat.CometChatHelper.requiresSecureAccess(MEDIA), true)
  assert.equal(chat.getFat(), fat)
  const embedded = world.open()
  await embedded.init('demoapp', world.settings(embedded))
  const message = await received(world, embedded, MEDIA)
  assert.equal(message.getURL(), `${MEDIA}?fat=${fat}`)
  assert.equal(world.sent('PUT me').length, 3)
})

test('a stored session never travels to another server', async () => {
  const world = new World()
  await world.loggedIn()
  const chat = world.open()
  await chat.init('demoapp', world.settings(chat, EMBEDDED, 'other.example.com'))
  assert.equal(await chat.getLoggedinUser(), null)
  assert.equal(
    world.requests.some(({ origin }) => origin.includes('other')),
    false
  )
})

test('a FAT that expired while the page was closed is waited for', async () => {
  const world = new World()
  await world.loggedIn()
  world.time += 4000_000
  let answer
  world.routes['PUT me'] = new Promise((resolve) => (answer = resolve))
  const chat = world.open()
  await chat.init('demoapp', world.settings(chat))
  assert.equal(chat.getFat(), null)
  let hasArrived = false
  const message = received(world, chat, MEDIA).finally(() => (hasArrived = true))
  await world.advance()
  assert.equal(hasArrived, false)
  const fat = world.fat()
  answer({ data: { uid: 'alice', fat, settings: { SECURED_MEDIA_HOST: HOST } }, meta: world.meta })
  assert.equal((await message).getURL(), `${MEDIA}?fat=${fat}`)
})

test('fetchPresignedUrl gives back what it cannot resolve', async () => {
  const world = new World()
  const chat = await world.loggedIn(HEADER_BASED)
  const inputs = ['', 'nonsense', 'https://', 'https://evil.test/a.jpg', `${HOST}cat.jpg`]
  for (const url of [...inputs, `${MEDIA}?x=1`, `https://evil.test/?u=${MEDIA}`, null, undefined]) {
    assert.equal(await chat.fetchPresignedUrl(url), url)
  }
  assert.equal(world.sent('POST media/presign').length, 0)
  world.protection = false
  const off = await world.loggedIn(HEADER_BASED)
  assert.equal(await off.fetchPresignedUrl(MEDIA), MEDIA)
  assert.equal(await new World().open().fetchPresignedUrl(MEDIA), MEDIA)
})

test('fetchPresignedUrl gives its input back if protection was switched off meanwhile', async () => {
  const world = new World()
  const chat = await world.loggedIn(HEADER_BASED)
  world.routes['POST media/presign'] = () => ({ data: [{ url: MEDIA, presignedUrl: MEDIA }] })
  for (const url of [MEDIA, `${MEDIA}?fat=T`]) {
    assert.equal(await world.run(chat.fetchPresignedUrl(url)), url)
  }
})

test('fetchPresignedUrl rejects with stable codes', async () => {
  const world = new World()
  const chat = await world.loggedIn(HEADER_BASED)
  const fails = async (answer, code) => {
    world.routes['POST media/presign'] = answer
    await assert.rejects(world.run(chat.fetchPresignedUrl(MEDIA)), (error) => {
      assert.ok(error instanceof chat.CometChatException)
      assert.equal(error.code, code)
      return true
    })
  }
  await fails(new TypeError('offline'), 'ERR_NETWORK')
  await fails(() => new Response('<html>'), 'ERR_INVALID_RESPONSE')
  await fails(() => new Response('{}'), 'ERR_INVALID_RESPONSE')
  await fails({ data: [] }, 'ERR_INVALID_RESPONSE')
  await fails(
    { data: [{ url: MEDIA, presignedUrl: 'https://evil.test/' }] },
    'ERR_INVALID_RESPONSE'
  )
  await fails({ data: [{ url: MEDIA, error: { code: 'ERR_NOT_PERMITTED' } }] }, 'ERR_NOT_PERMITTED')
  await fails({ error: { code: 'ERR_RATE_LIMITED', message: 'slow down' } }, 'ERR_RATE_LIMITED')
  await fails(
    { status: 401, error: { code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' } },
    'ERR_NOT_LOGGED_IN'
  )
  assert.equal(await chat.getLoggedinUser(), null)
  assert.equal(chat.getFat(), null)
  assert.equal(world.items.has('cloakroom:demoapp:session'), false)
  await fails({ data: [] }, 'ERR_NOT_LOGGED_IN')
})

test('a URL of another host is not handed out, nor kept for the next who asks', async () => {
  const world = new World()
  const chat = await world.loggedIn(HEADER_BASED)
  const evil = { url: MEDIA, presignedUrl: 'https://evil.test/a.jpg', expiresAt: 2e9 }
  world.routes['POST media/presign'] = { data: [evil] }
  for (let asked = 1; asked < 3; asked += 1) {
    await assert.rejects(world.run(chat.fetchPresignedUrl(MEDIA)), { code: 'ERR_INVALID_RESPONSE' })
    assert.equal(world.sent('POST media/presign').length, asked)
  }
})

test('one tick is one call, of at most 1000 URLs, and equal URLs are asked once', async () => {
  const world = new World()
  const chat = await world.loggedIn(HEADER_BASED)
  const urls = Array.from({ length: 1001 }, (_, n) => mediaUrl(n))
  const all = await world.run(chat.fetchPresignedUrls([...urls, mediaUrl(0)]))
  assert.deepEqual(
    world.sent('POST media/presign').map(({ body }) => body.urls.length),
    [1000, 1]
  )
  assert.ok(all.every(({ url, presignedUrl }) => presignedUrl.startsWith(`${url}?`)))
  assert.equal(all[1001].presignedUrl, all[0].presignedUrl)
})

test('one refused URL does not fail the others of its call', async () => {
  const world = new World()
  const chat = await world.loggedIn(HEADER_BASED)
  const good = {
    url: mediaUrl(1),
    presignedUrl: `${mediaUrl(1)}?Expires=9&Signature=x`,
    expiresAt: 9
  }
  world.routes['POST media/presign'] = {
    data: [{ url: mediaUrl(2), error: { code: 'ERR_NOT_PERMITTED', message: 'no' } }, good]
  }
  const [first, second] = await world.run(chat.fetchPresignedUrls([mediaUrl(1), mediaUrl(2)]))
  assert.equal(first.presignedUrl, good.presignedUrl)
  assert.equal(second.error.code, 'ERR_NOT_PERMITTED')
})

test('a presigned URL is cached until the clock of the server says it expired', async () => {
  const world = new World()
  world.serverAhead = -500
  const chat = await world.loggedIn(HEADER_BASED)
  const first = await world.run(chat.fetchPresignedUrl(MEDIA))
  world.time += 890_000
  assert.equal(await chat.fetchPresignedUrl(MEDIA), first)
  world.time += 10_000
  assert.notEqual(await world.run(chat.fetchPresignedUrl(MEDIA)), first)
})

test('a call on its way is joined, unless a fresh URL is asked for', async () => {
  const world = new World()
  const chat = await world.loggedIn(HEADER_BASED)
  const both = [chat.fetchPresignedUrl(MEDIA)]
  await world.advance()
  let answer
  world.routes['POST media/presign'] = () => new Promise((resolve) => (answer = resolve))
  const held = chat.fetchPresignedUrl(mediaUrl(3))
  await world.advance()
  both.push(chat.fetchPresignedUrl(mediaUrl(3)))
  await world.advance()
  assert.equal(world.sent('POST media/presign').length, 2)
  const fresh = chat.fetchPresignedUrl(mediaUrl(3), { fresh: true })
  const old = answer
  await world.advance()
  assert.equal(world.sent('POST media/presign').length, 3)
  const item = (n) => ({
    url: mediaUrl(3),
    presignedUrl: `${mediaUrl(3)}?Expires=${n}`,
    expiresAt: 2e9
  })
  answer({ data: [item(2)] })
  old({ data: [item(1)] })
  assert.equal(await fresh, item(2).presignedUrl)
  assert.equal(await held, item(1).presignedUrl)
  assert.equal(await chat.fetchPresignedUrl(mediaUrl(3)), item(2).presignedUrl)
})

test('the retry loop of an image recovers: its failure drops the cached URL', async () => {
  const world = new World()
  const chat = await world.loggedIn(HEADER_BASED)
  const first = await world.run(chat.fetchPresignedUrl(MEDIA))
  assert.equal(await chat.fetchPresignedUrl(MEDIA), first)
  world.fails({ src: first })
  const second = await world.run(chat.fetchPresignedUrl(MEDIA))
  assert.notEqual(second, first)
  world.fails({ currentSrc: first, src: first })
  assert.equal(await chat.fetchPresignedUrl(MEDIA), second, 'a newer copy is kept')
  const third = await world.run(chat.fetchPresignedUrl(MEDIA, { fresh: true }))
  assert.notEqual(third, second)
})

test('an embedded image that fails is loaded once more, and only then does the page hear', async () => {
  const world = new World()
  const chat = await world.loggedIn()
  const url = (await received(world, chat, MEDIA)).getURL()
  const path = `GET ${new URL(MEDIA).pathname}`
  world.routes[path] = () => new Response(null, { status: 206 })
  const loads = []
  const image = {
    get src() {
      return loads.at(-1) ?? url
    },
    set src(value) {
      loads.push(value)
    }
  }
  assert.equal(world.fails(image), false)
  await world.advance()
  assert.deepEqual(loads, [url], 'the token is good: it was a copy in the cache')
  assert.equal(world.fails(image), true, 'a second failure is one')
  await world.advance()
  assert.equal(loads.length, 1)
  await world.advance(31_000)
  assert.equal(world.fails(image), false)
  await world.advance()
  world.routes[path] = refused('fat')
  const other = { src: url }
  assert.equal(world.fails(other), false)
  await world.advance()
  assert.notEqual(other.src, url, 'with the token of that moment')
  const foreign = { src: 'https://evil.test/a.jpg?fat=x' }
  assert.equal(world.fails(foreign), true)
})

test('an embedded image that fails with 401 gets a new FAT', async () => {
  const world = new World()
  const chat = await world.loggedIn()
  const message = await received(world, chat, MEDIA)
  const before = message.getURL()
  const path = `GET ${new URL(MEDIA).pathname}`
  world.routes[path] = refused('fat')
  world.fails({ src: before })
  await world.advance()
  assert.equal(world.sent('POST me/fat').length, 1)
  assert.notEqual(message.getURL(), before)
  assert.equal(world.sent(path)[0].init.credentials, 'omit')
})

test('a refusal that says login leaves no FAT', async () => {
  const world = new World()
  const chat = await world.loggedIn()
  world.routes['GET users/bob'] = refused('login', 'ERR_SESSION_ENDED')
  world.routes['POST me/fat'] = new TypeError('offline')
  await assert.rejects(chat.getUser('bob'), { code: 'ERR_SESSION_ENDED' })
  assert.equal(chat.getFat(), null)
})

test('the FAT is renewed before its end, once, and again after a failure', async () => {
  const world = new World()
  const chat = await world.loggedIn()
  await world.advance(2_990_000)
  assert.equal(world.sent('POST me/fat').length, 0)
  world.routes['POST me/fat'] = new TypeError('offline')
  await world.advance(20_000)
  assert.equal(world.sent('POST me/fat').length, 2)
  delete world.routes['POST me/fat']
  await world.advance(400_000)
  assert.equal(world.sent('POST me/fat').length, 3)
  assert.notEqual(chat.getFat(), null)
})

test('a page that slept renews when it is seen or online again', async () => {
  for (const event of ['visibilitychange', 'online']) {
    const world = new World()
    const chat = await world.loggedIn()
    world.time += 10_000_000
    world.emit(event)
    world.emit(event)
    assert.equal(world.sent('POST me/fat').length, 1, event)
    await world.advance()
    assert.notEqual(chat.getFat(), null)
  }
})

test('timers stay below what browsers can count', async () => {
  const world = new World()
  world.fatLife = 30 * 86_400
  await world.loggedIn()
  for (const { at } of world.timers.values()) assert.ok(at - world.time <= 3_600_000)
})

test('logout ends the session here even if the server is away', async () => {
  const world = new World()
  const chat = await world.loggedIn(HEADER_BASED)
  world.routes['DELETE me'] = new TypeError('offline')
  await assert.rejects(chat.logout(), { code: 'ERR_NETWORK' })
  assert.equal(await chat.getLoggedinUser(), null)
  assert.equal(chat.CometChatHelper.isHeaderModeEnabled(), false)
  assert.equal(chat.CometChatHelper.requiresSecureAccess(MEDIA), true)
  await assert.rejects(world.run(chat.fetchPresignedUrl(MEDIA)), { code: 'ERR_NOT_LOGGED_IN' })
})

test('files travel as multipart with the receiver last, and no FAT goes out', async () => {
  const world = new World()
  const chat = await world.loggedIn()
  world.routes['POST messages'] = { data: picture(MEDIA) }
  const files = [new File(['a'], 'a.jpg', { type: 'image/jpeg' }), new Blob(['b'])]
  const draft = new chat.MediaMessage('bob', files, 'image', 'user')
  draft.setCaption('hi')
  const sent = await chat.sendMediaMessage(draft)
  assert.match(sent.getURL(), /\?fat=/)
  const names = [...world.sent('POST messages')[0].body.keys()]
  assert.deepEqual(names, [
    'type',
    'receiverType',
    'category',
    'data',
    'files[]',
    'files[]',
    'caption',
    'receiver'
  ])
  const forward = new chat.MediaMessage('carol', null, 'image', 'user')
  forward.setAttachments(sent.getAttachments())
  await chat.sendMediaMessage(forward)
  const { body } = world.sent('POST messages')[1]
  assert.equal(body.data.attachments[0].url, MEDIA)
  assert.ok(!JSON.stringify(body).includes('fat='))
})

test('pages follow the cursor back and the newest message forth', async () => {
  const world = new World()
  const chat = await world.loggedIn()
  const queries = []
  const pages = [
    {
      data: [{ id: '5' }, { id: '6' }],
      meta: { cursor: { id: '5', sentAt: 9, affix: 'prepend' } }
    },
    { data: [{ id: '4' }], meta: {} },
    { data: [{ id: '7' }], meta: {} }
  ]
  world.routes['GET groups/trip/messages'] = () => {
    queries.push(world.requests.at(-1).search)
    return pages.shift()
  }
  const request = new chat.MessagesRequestBuilder().setGUID('trip').setLimit(2).build()
  await assert.rejects(request.fetchNext(), { code: 'NOT_ENOUGH_PARAMETERS' })
  assert.deepEqual(
    (await request.fetchPrevious()).map((m) => m.getId()),
    ['5', '6']
  )
  await request.fetchPrevious()
  assert.deepEqual(await request.fetchPrevious(), [])
  assert.deepEqual(
    (await request.fetchNext()).map((m) => m.getId()),
    ['7']
  )
  assert.deepEqual(queries, [
    '?per_page=2&affix=prepend',
    '?per_page=2&id=5&sentAt=9&affix=prepend',
    '?per_page=2&id=6&affix=append'
  ])
})

test('a deleted message comes out of the action that tells of it', async () => {
  const world = new World()
  const chat = await world.loggedIn()
  const entity = { id: '7', category: 'message', type: 'image', deletedAt: 3 }
  world.routes['DELETE messages/7'] = {
    data: {
      id: '8',
      category: 'action',
      data: { entities: { on: { entity, entityType: 'message' } } }
    }
  }
  assert.equal((await chat.deleteMessage('7')).getDeletedAt(), 3)
})
