/**
 * A page of somebody's own that uses CometChat's JavaScript SDK as it is on npm, and shows what it
 * is given: pictures by their `src`, texts as text.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const BUNDLE = createRequire(import.meta.url).resolve('@cometchat/chat-sdk-javascript')

const HTML = `<!doctype html><meta charset="utf-8"><title>official SDK</title>
<link rel="icon" href="data:,">
<ol id="messages"></ol>
<script src="/sdk.js"></script>
<script>
  window.CometChat = window.CometChat.CometChat ?? window.CometChat
  window.deleted = []
  window.edited = []
  window.read = []
  window.delivered = []
  window.show = (message) => {
    const item = document.createElement('li')
    item.dataset.id = message.getId()
    item.dataset.sender = message.getSender().getUid()
    const text = message.getText?.() ?? message.getCaption?.()
    if (text) item.append(Object.assign(document.createElement('p'), { textContent: text }))
    for (const attachment of message.getAttachments?.() ?? []) {
      const kind = attachment.getMimeType().startsWith('video/') ? 'video' : 'img'
      item.append(Object.assign(document.createElement(kind), { src: attachment.getUrl() }))
    }
    document.querySelector('#messages').append(item)
  }
  window.listen = () =>
    CometChat.addMessageListener(
      'page',
      new CometChat.MessageListener({
        onTextMessageReceived: show,
        onMediaMessageReceived: show,
        onCustomMessageReceived: show,
        onMessageEdited: (message) => edited.push([message.getId(), message.getText()].join(' ')),
        onMessageDeleted: (message) => {
          deleted.push(String(message.getId()))
          document.querySelector('[data-id="' + message.getId() + '"]')?.remove()
        },
        onMessagesDelivered: (receipt) => delivered.push(String(receipt.getMessageId())),
        onMessagesRead: (receipt) => read.push(String(receipt.getMessageId()))
      })
    )
  window.connected = new Promise((resolve) => {
    window.listenForConnection = () =>
      CometChat.addConnectionListener(
        'page',
        new CometChat.ConnectionListener({ onConnected: () => resolve(true) })
      )
  })
</script>`

export class OfficialPage {
  #server

  constructor(server) {
    this.#server = server
  }

  static async serve() {
    const bundle = await readFile(BUNDLE)
    const server = createServer((request, response) => {
      const [type, body] =
        request.url === '/sdk.js' ? ['text/javascript', bundle] : ['text/html', HTML]
      response.writeHead(200, { 'content-type': type }).end(body)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new OfficialPage(server)
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/`
  }

  /** Opens the page in a context of its own, and initialises the SDK; `clock` to move its time. */
  async open(browser, demo, { clock = false } = {}) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const page = await context.newPage()
    if (clock) await page.clock.install()
    await this.init(page, demo)
    return page
  }

  /** Initialises the SDK, as a page does whenever it is loaded. */
  async init(page, demo) {
    await page.goto(this.url)
    await page.evaluate(
      async ([line]) => {
        const host = new URL(line.apiUrl).host + '/v3.0'
        const settings = new CometChat.AppSettingsBuilder()
          .subscribePresenceForAllUsers()
          .setRegion(line.region)
          .autoEstablishSocketConnection(true)
          .overrideAdminHost(host)
          .overrideClientHost(host)
          .build()
        listenForConnection()
        await CometChat.init(line.appId, settings)
        listen()
      },
      [demo.line]
    )
  }

  /** Logs in with the auth key of the demo, and waits for the socket. */
  async login(page, demo, uid) {
    const name = await page.evaluate(
      async ([uid, key]) => (await CometChat.login(uid, key)).getUid(),
      [uid, demo.line.authKey]
    )
    await page.evaluate(() => connected)
    return name
  }

  close() {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
