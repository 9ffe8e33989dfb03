/**
 * A customer's own page: an origin of its own, with nothing but the SDK, as the demo serves it.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'

const HTML = `<!doctype html><meta charset="utf-8"><title>plain page</title>
<link rel="icon" href="data:,">
<script type="module">
  import * as sdk from '/sdk/index.js'
  Object.assign(window, sdk)
  window.ready = true
</script>`

export class PlainPage {
  #server

  constructor(server) {
    this.#server = server
  }

  /** @param {string} demoUrl where the SDK's modules come from */
  static async serve(demoUrl) {
    const server = createServer(async (request, response) => {
      if (request.url === '/') {
        response.writeHead(200, { 'content-type': 'text/html' }).end(HTML)
        return
      }
      const module = await fetch(demoUrl + request.url)
      response.writeHead(module.status, {
        'content-type': module.headers.get('content-type') ?? ''
      })
      response.end(Buffer.from(await module.arrayBuffer()))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new PlainPage(server)
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/`
  }

  /** Opens the page and initialises the SDK. @param {'EMBEDDED' | 'HEADER_BASED'} mode */
  async open(page, demo, mode) {
    await page.goto(this.url)
    await page.waitForFunction(() => window.ready)
    await page.evaluate(
      async ([line, mode]) => {
        const settings = new CometChat.AppSettingsBuilder()
          .subscribePresenceForAllUsers()
          .setRegion(line.region)
          .autoEstablishSocketConnection(false)
          .overrideClientHost(line.apiUrl)
          .overrideAdminHost(line.apiUrl)
          .setSecureMediaMode(CometChat.SecureMediaMode[mode])
          .build()
        await CometChat.init(line.appId, settings)
      },
      [demo.line, mode]
    )
  }

  close() {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
