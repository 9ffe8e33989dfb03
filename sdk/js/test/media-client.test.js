import assert from 'node:assert/strict'
import test from 'node:test'
import { CometChat, CometChatHelper, MediaClient } from '../src/media.js'
import { CometChat as Whole } from '../src/index.js'
import { MEDIA, World, mediaUrl } from './world.js'

const HEADER_BASED = 1

test('a client without messages shows, watches and prefetches media of messages of any kind', async () => {
  const world = new World()
  world.make = (effects) => new MediaClient(effects)
  const told = new Response(new ReadableStream(), {
    headers: { 'content-type': 'text/event-stream' }
  })
  world.routes['POST me/events'] = () => told
  const chat = await world.run(world.loggedIn(HEADER_BASED))
  const attachments = [MEDIA, mediaUrl(7)].map((url) => ({
    getUrl: () => url,
    getMimeType: () => 'image/png'
  }))
  await world.run(chat.prefetch([{ getAttachments: () => attachments }]))
  assert.deepEqual(
    world.sent('POST media/presign').map(({ body }) => body.urls),
    [[MEDIA, mediaUrl(7)]]
  )
  chat.watchMedia(MEDIA, () => {})
  await world.advance(1000)
  assert.deepEqual(
    world.sent('POST me/events').map(({ body }) => body),
    [{ media: [MEDIA] }]
  )
  assert.equal(chat.mediaStatistics().presignedUrls, 2)
  assert.equal(await world.run(chat.fetchFat()), chat.getFat())
})

test('the whole client is one with messages and uploads', () => {
  assert.ok(Whole instanceof MediaClient)
  assert.equal(CometChatHelper, CometChat.CometChatHelper)
  for (const name of ['sendMessage', 'createUploadFileRequest', 'MessagesRequestBuilder']) {
    assert.ok(name in Whole && !(name in CometChat), name)
  }
})
