/** A customer's own page: an origin of its own, with nothing but the SDK. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'

const SDK = new URL('../../sdk/js/src/', import.meta.url)

/** @param {string} entry of the SDK */
const html = (entry) => `<!doctype html><meta charset="utf-8"><title>plain page</title>
<link rel="icon" href="data:,">
<script type="module">
  import * as sdk from '/sdk/${entry}.js'
  Object.assign(window, sdk)
  window.ready = true
</script>`

export class PlainPage {
  #server

  constructor(server) {
    this.#server = server
  }

  static async serve() {
    const server = createServer(async (request, response) => {
      const entry = /^\/(?:\?(\w+))?$/.exec(request.url)
      if (entry) {
        response.writeHead(200, { 'content-type': 'text/html' }).end(html(entry[1] ?? 'index'))
        return
      }
      const name = /^\/sdk\/([\w-]+\.js)$/.exec(request.url)?.[1]
      const module = name && (await readFile(new URL(name, SDK)).catch(() => null))
      if (module) response.writeHead(200, { 'content-type': 'text/javascript' }).end(module)
      else response.writeHead(404).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new PlainPage(server)
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/`
  }

  /**
   * Opens the page and initialises the SDK.
   *
   * @param {'EMBEDDED' | 'HEADER_BASED'} mode
   * @param {'index' | 'media'} [entry] of the SDK
   */
  async open(page, demo, mode, entry = 'index') {
    await page.goto(`${this.url}?${entry}`)
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
