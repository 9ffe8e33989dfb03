/** CometChat's own JavaScript SDK, unmodified, in two browsers at once, over TLS. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { launchBrowser } from '../harness/browser.js'
import { Demo } from '../harness/demo.js'
import { OfficialPage } from '../harness/official_sdk.js'
import { until } from '../harness/until.js'

suite("CometChat's own SDK", () => {
  let demo, browser, other, official, alice, bob

  before(async () => {
    demo = await Demo.start('--https')
    ;[browser, other] = await Promise.all([launchBrowser(), launchBrowser()])
    official = await OfficialPage.serve()
    alice = await official.open(browser, demo)
    bob = await official.open(other, demo)
    assert.equal(await bob.evaluate(() => CometChat.getLoggedinUser()), null)
    assert.equal(await official.login(alice, demo, 'alice'), 'alice')
    assert.equal(await official.login(bob, demo, 'bob'), 'bob')
  })
  after(async () => {
    await browser?.close()
    await other?.close()
    official?.close()
    await demo?.stop()
  })

  /** Sends a picture that the page paints; gives id and URL as the sender sees them. */
  const sendPicture = (page, receiver, options = {}) =>
    page.evaluate(
      async ([receiver, { group, caption, width = 64 }]) => {
        const canvas = new OffscreenCanvas(width, 48)
        canvas.getContext('2d').fillRect(0, 0, width, 48)
        const file = new File([await canvas.convertToBlob()], 'dot.png', { type: 'image/png' })
        const type = group ? CometChat.RECEIVER_TYPE.GROUP : CometChat.RECEIVER_TYPE.USER
        const message = new CometChat.MediaMessage(receiver, file, 'image', type)
        if (caption) message.setCaption(caption)
        const sent = await CometChat.sendMediaMessage(message)
        show(sent)
        return { id: String(sent.getId()), url: sent.getAttachments()[0].getUrl() }
      },
      [receiver, options]
    )
  const sendText = (page, receiver, text) =>
    page.evaluate(
      async ([receiver, text]) => {
        const message = new CometChat.TextMessage(receiver, text, 'user')
        return String((await CometChat.sendMessage(message)).getId())
      },
      [receiver, text]
    )
  /** Width and URL of the picture that a page shows for a message, once it has loaded. */
  const picture = (page, id) =>
    until(
      () =>
        page.evaluate((id) => {
          const shown = document.querySelector(`[data-id="${id}"] img`)
          return shown?.naturalWidth && { width: shown.naturalWidth, src: shown.src }
        }, id),
      `a picture of message ${id}`
    )
  const shown = (page, text) =>
    until(
      () => page.evaluate((text) => document.body.textContent.includes(text), text),
      `the text ${text}`
    )
  const token = (url) => new URL(url).searchParams.get('fat')

  /** A call of the app's back end, without any SDK in between. */
  const asBackEnd = async (method, path, headers = {}) => {
    const response = await bob.request.fetch(`${demo.line.apiUrl}/v3/${path}`, {
      method,
      headers: { appid: demo.line.appId, apikey: demo.line.apiKey, ...headers },
      ...(method === 'POST' ? { data: {} } : {})
    })
    assert.equal(response.status(), 200, `${path}: ${await response.text()}`)
    return (await response.json()).data
  }

  test('a text arrives in the other browser at once', async () => {
    await sendText(alice, 'bob', 'hello at once')
    await shown(bob, 'hello at once')
  })

  test('a picture arrives in the other browser with a token of its own', async () => {
    const { id, url } = await sendPicture(alice, 'bob', { caption: 'look' })
    const [hers, his] = [await picture(alice, id), await picture(bob, id)]
    assert.deepEqual([hers.width, his.width], [64, 64])
    assert.equal(hers.src, url)
    assert.ok(token(hers.src) && token(his.src), 'the SDK added tokens')
    assert.notEqual(token(hers.src), token(his.src))
    assert.equal(hers.src.split('?')[0], his.src.split('?')[0])
    await shown(bob, 'look')
  })

  test('a page shows pictures in the order in which they were sent, each of its size', async () => {
    const ids = []
    for (const width of [30, 10, 20]) ids.push((await sendPicture(alice, 'bob', { width })).id)
    const widths = () =>
      bob.evaluate((ids) => {
        const items = [...document.querySelectorAll('#messages li')]
        const shown = items.filter(({ dataset }) => ids.includes(dataset.id))
        return shown.map((item) => item.querySelector('img').naturalWidth).join()
      }, ids)
    await until(async () => (await widths()) === '30,10,20', 'three pictures as they came')
    await bob.evaluate(async () => {
      document.querySelector('#messages').replaceChildren()
      const request = new CometChat.MessagesRequestBuilder().setUID('alice').setLimit(3).build()
      ;(await request.fetchPrevious()).forEach(show)
    })
    await until(async () => (await widths()) === '30,10,20', 'three pictures of the history')
  })

  test('files uploaded before their message show progress and arrive', async () => {
    const { id, progress, early, complete } = await alice.evaluate(async () => {
      const canvas = new OffscreenCanvas(400, 300)
      canvas.getContext('2d').fillRect(0, 0, 400, 300)
      const blob = await canvas.convertToBlob()
      const files = ['one', 'two'].map((id) => ({
        fileId: id,
        file: new File([blob], `${id}.png`, { type: 'image/png' })
      }))
      const request = CometChat.createUploadFileRequest('bob', 'user')
      const progress = []
      const complete = await new Promise((resolve, reject) =>
        request.uploadAttachments(
          files,
          new CometChat.UploadFileListener({
            onFileProgress: (id, loaded, total) => progress.push([id, loaded === total]),
            onFileError: (id, error) => reject(new Error(`${id}: ${error.message}`)),
            onFileFailure: (id, error) => reject(new Error(`${id}: ${error.message}`)),
            onComplete: resolve
          })
        )
      )
      const early = request.getAttachments().map((attachment) => attachment.getUrl())
      const message = new CometChat.MediaMessage('bob', null, 'image', 'user')
      message.setAttachments(request.getAttachments())
      const sent = await CometChat.sendMediaMessage(message)
      const done = complete.successful.length
      return { id: String(sent.getId()), progress, early, complete: done }
    })
    assert.equal(complete, 2)
    assert.ok(
      progress.some(([, whole]) => whole),
      'progress up to the end was told'
    )
    assert.ok(
      early.every((url) => !url.includes('fat')),
      'no token before the message is sent'
    )
    assert.equal((await picture(bob, id)).width, 400)
  })

  test('a forwarded picture carries nobody else’s token', async () => {
    const { id } = await sendPicture(alice, 'bob')
    const { src } = await picture(bob, id)
    const forwarded = await bob.evaluate(async (src) => {
      const message = new CometChat.MediaMessage('carol', null, 'image', 'user')
      const attachment = new CometChat.Attachment({
        url: src,
        name: 'dot.png',
        extension: 'png',
        mimeType: 'image/png',
        size: 1
      })
      message.setAttachments([attachment])
      message.setCaption(`see ${src}`)
      return String((await CometChat.sendMediaMessage(message)).getId())
    }, src)
    const stored = JSON.stringify(
      await asBackEnd('GET', `messages/${forwarded}`, { onbehalfof: 'carol' })
    )
    assert.ok(!stored.includes('fat='), stored)
    assert.ok(stored.includes(new URL(src).pathname), 'the picture is in it')
  })

  test('an edit and a deletion reach the other browser, and the picture is gone', async () => {
    const text = await sendText(alice, 'bob', 'befour')
    await shown(bob, 'befour')
    await alice.evaluate(async (id) => {
      const message = new CometChat.TextMessage('bob', 'before', 'user')
      message.setId(id)
      await CometChat.editMessage(message)
    }, text)
    await until(() => bob.evaluate((id) => edited.includes(`${id} before`), text), 'the edit')
    const { id } = await sendPicture(alice, 'bob')
    const { src } = await picture(bob, id)
    await alice.evaluate((id) => CometChat.deleteMessage(id), id)
    await until(() => bob.evaluate((id) => deleted.includes(id), id), 'the deletion')
    const status = await bob.evaluate(async (src) => (await fetch(src)).status, src)
    assert.equal(status, 404)
  })

  test('history comes page by page in order, and details of one message', async () => {
    const sent = []
    for (let i = 0; i < 12; i++) sent.push(await sendText(alice, 'bob', `page ${i}`))
    const pages = await bob.evaluate(async () => {
      const request = new CometChat.MessagesRequestBuilder().setUID('alice').setLimit(5).build()
      const pages = []
      for (let i = 0; i < 3; i++) {
        pages.push((await request.fetchPrevious()).map((message) => String(message.getId())))
      }
      return pages
    })
    assert.deepEqual([...pages[2], ...pages[1], ...pages[0]].slice(-12), sent)
    const next = await bob.evaluate(async (id) => {
      const request = new CometChat.MessagesRequestBuilder()
      const after = request.setUID('alice').setMessageId(id).setLimit(3).build()
      return (await after.fetchNext()).map((message) => String(message.getId()))
    }, sent[0])
    assert.deepEqual(next, sent.slice(1, 4))
    const details = await bob.evaluate(
      async (id) => (await CometChat.getMessageDetails(id)).getText(),
      sent[3]
    )
    assert.equal(details, 'page 3')
  })

  test('conversations and unread counts follow what was read', async () => {
    const id = await sendText(alice, 'bob', 'unread')
    await shown(bob, 'unread')
    const count = () => bob.evaluate(async () => CometChat.getUnreadMessageCountForUser('alice'))
    assert.ok((await count()).alice > 0)
    const conversation = await bob.evaluate(async () => {
      const request = new CometChat.ConversationsRequestBuilder().setLimit(30).build()
      const all = await request.fetchNext()
      const one = all.find((each) => each.getConversationWith().getUid?.() === 'alice')
      return [String(one.getLastMessage().getId()), one.getUnreadMessageCount() > 0]
    })
    assert.deepEqual(conversation, [id, true])
    await bob.evaluate((id) => CometChat.markAsRead(id, 'alice', 'user', 'alice'), id)
    await until(async () => !(await count()).alice, 'nothing unread')
    await until(() => alice.evaluate((id) => read.includes(id), id), 'the receipt at the sender')
    const next = await sendText(alice, 'bob', 'delivered')
    await shown(bob, 'delivered')
    await bob.evaluate((id) => CometChat.markAsDelivered(id, 'alice', 'user', 'alice'), next)
    await until(() => alice.evaluate((id) => delivered.includes(id), next), 'it was delivered')
    const [single, all] = await bob.evaluate(async () => [
      String((await CometChat.getConversation('alice', 'user')).getLastMessage().getId()),
      await CometChat.getUnreadMessageCount()
    ])
    assert.deepEqual([single, all.users.alice], [next, 1])
  })

  test('users and groups: made, joined, changed, left', async () => {
    const done = await alice.evaluate(async (authKey) => {
      const group = (type, password) => {
        const guid = `g${crypto.randomUUID().slice(0, 8)}`
        return new CometChat.Group(guid, `Group ${type}`, type, password)
      }
      const user = new CometChat.User(`u${crypto.randomUUID().slice(0, 8)}`)
      user.setName('Made by a page')
      const made = await CometChat.createUser(user, authKey)
      const users = await new CometChat.UsersRequestBuilder().setLimit(30).build().fetchNext()
      const open = await CometChat.createGroup(group('public'))
      const closed = await CometChat.createGroup(group('password', 'secret'))
      const members = [new CometChat.GroupMember('bob', 'participant')]
      const together = await CometChat.createGroupWithMembers(group('private'), members, [])
      const added = await CometChat.addMembersToGroup(
        open.getGuid(),
        [new CometChat.GroupMember('carol', 'participant')],
        []
      )
      const groups = await new CometChat.GroupsRequestBuilder().setLimit(30).build().fetchNext()
      return {
        made: made.getName(),
        found: (await CometChat.getUser(made.getUid())).getName(),
        group: (await CometChat.getGroup(closed.getGuid())).getName(),
        users: users.map((user) => user.getUid()),
        open: open.getGuid(),
        closed: closed.getGuid(),
        together: (together.group ?? together).getGuid(),
        added: JSON.stringify(added),
        groups: groups.map((group) => group.getGuid())
      }
    }, demo.line.authKey)
    assert.deepEqual([done.made, done.found], ['Made by a page', 'Made by a page'])
    assert.equal(done.group, 'Group password')
    assert.ok(done.users.includes('bob') && done.groups.includes(done.open))
    assert.match(done.added, /carol/)
    const { open, closed } = done
    const joined = await bob.evaluate(
      async ({ open, closed }) => [
        (await CometChat.joinGroup(open, 'public')).getGuid(),
        (await CometChat.joinGroup(closed, 'password', 'secret')).getGuid(),
        await CometChat.joinGroup(closed, 'password', 'wrong').catch((error) => error.code)
      ],
      { open, closed }
    )
    assert.deepEqual(joined.slice(0, 2), [open, closed])
    const { id } = await sendPicture(alice, open, { group: true })
    assert.equal((await picture(bob, id)).width, 64)
    const kept = await alice.evaluate(async (open) => {
      const members = async () => {
        const request = new CometChat.GroupMembersRequestBuilder(open).setLimit(30).build()
        return (await request.fetchNext()).map((one) => `${one.getUid()}:${one.getScope()}`).sort()
      }
      const first = await members()
      await CometChat.updateGroupMemberScope(open, 'bob', 'moderator')
      const second = await members()
      await CometChat.kickGroupMember(open, 'carol')
      await CometChat.banGroupMember(open, 'bob')
      const third = await members()
      await CometChat.unbanGroupMember(open, 'bob')
      return [first, second, third]
    }, open)
    assert.deepEqual(kept[0], ['alice:admin', 'bob:participant', 'carol:participant'])
    assert.deepEqual(kept[1], ['alice:admin', 'bob:moderator', 'carol:participant'])
    assert.deepEqual(kept[2], ['alice:admin'])
    const { src } = await picture(bob, id)
    assert.equal(await bob.evaluate(async (src) => (await fetch(src)).status, src), 403)
    assert.equal(await bob.evaluate((closed) => CometChat.leaveGroup(closed), closed), true)
    assert.equal(await alice.evaluate((open) => CometChat.deleteGroup(open), open), true)
  })

  test('a page loaded again goes on, and a login ended elsewhere is over', async () => {
    const page = await official.open(browser, demo)
    const { authToken } = await asBackEnd('POST', 'users/dave/auth_tokens')
    const logged = await page.evaluate(
      async (token) => (await CometChat.login(token)).getUid(),
      authToken
    )
    assert.equal(logged, 'dave')
    let isGreeted = false
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => (isGreeted ||= /"code":"200"/.test(payload)))
    )
    await official.init(page, demo)
    const again = await until(
      () => page.evaluate(async () => (await CometChat.getLoggedinUser())?.getUid()),
      'the stored session'
    )
    assert.equal(again, 'dave')
    // It tries the jwt that it used up before the reload first, and the fresh one seconds later.
    await until(() => isGreeted, 'the socket after a reload')
    await sendText(alice, 'dave', 'after a reload')
    await shown(page, 'after a reload')
    for (const { id } of await asBackEnd('GET', 'users/dave/sessions')) {
      await asBackEnd('DELETE', `users/dave/sessions/${id}`)
    }
    const code = await page.evaluate(() => CometChat.getUser('alice').catch(({ code }) => code))
    assert.equal(code, 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND')
    assert.equal(await page.evaluate(() => CometChat.getLoggedinUser()), null)
    await page.context().close()
  })

  test('the socket is kept by pings, and a page says which user it is', async () => {
    const page = await official.open(browser, demo, { clock: true })
    const frames = []
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => frames.push(`sent ${payload}`))
      socket.on('framereceived', ({ payload }) => frames.push(`got ${payload}`))
    })
    assert.equal(await official.login(page, demo, 'carol'), 'carol')
    await until(async () => {
      await page.clock.fastForward(20_000)
      return frames.some((frame) => /^got.*pong/.test(frame))
    }, 'an answer to a ping')
    assert.ok(frames.some((frame) => /^sent.*"action":"ping"/.test(frame)))
    await sendText(alice, 'carol', 'still there')
    await shown(page, 'still there')
    await page.context().close()
  })

  test('logout ends the session, and with it the pictures', async () => {
    const { id } = await sendPicture(alice, 'bob')
    const { src } = await picture(bob, id)
    await bob.evaluate(() => CometChat.logout())
    assert.equal(await bob.evaluate(() => CometChat.getLoggedinUser()), null)
    assert.equal(await bob.evaluate(async (src) => (await fetch(src)).status, src), 401)
  })
})
