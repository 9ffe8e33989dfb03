/** A page of somebody's own with tus-js-client as it is on npm. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'

const BUNDLE = fileURLToPath(
  new URL('../node_modules/tus-js-client/dist/tus.min.js', import.meta.url)
)

export class TusPage {
  #server

  constructor(server) {
    this.#server = server
  }

  static async serve() {
    const bundle = await readFile(BUNDLE)
    const html = '<!doctype html><title>tus</title><script src="/tus.js"></script>'
    const server = createServer((request, response) => {
      const [type, body] =
        request.url === '/tus.js' ? ['text/javascript', bundle] : ['text/html', html]
      response.writeHead(200, { 'content-type': type }).end(body)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TusPage(server)
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/`
  }

  close() {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
