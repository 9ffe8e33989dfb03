/**
 * A site of somebody's own: an origin that serves the SDK's modules, and pages of a test.
 *
 * It notes what it is asked for, so that a second one can stand for a foreign host.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const SDK = fileURLToPath(new URL('../../sdk/js/src/', import.meta.url))
const TYPES = { '.js': 'text/javascript', '.html': 'text/html', '.css': 'text/css' }

/** A page with nothing but the SDK in `window`. */
const BLANK = `<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title>
<link rel="icon" href="data:,">
<script type="module">
  import * as sdk from '/sdk/index.js'
  Object.assign(window, sdk, { ready: true })
</script>`

export class SdkPage {
  /** @type {{ path: string, headers: import('node:http').IncomingHttpHeaders }[]} */
  asked = []
  #server

  /**
   * @param {Record<string, string | { type: string, body: string | Buffer } | { folder: string }>} [files]
   *   by path: text, or what is in a folder
   */
  static async serve(files = {}) {
    const page = new SdkPage()
    const all = {
      '/': BLANK,
      '/sdk/': { folder: SDK },
      '/media-worker.js': {
        type: 'text/javascript',
        body: await readFile(join(SDK, 'media-worker.js'))
      },
      ...files
    }
    page.#server = createServer((request, response) => void page.#answer(all, request, response))
    page.#server.listen(0, '127.0.0.1')
    await once(page.#server, 'listening')
    return page
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/`
  }

  async #answer(files, request, response) {
    const { pathname } = new URL(request.url, 'http://site.test')
    this.asked.push({ path: pathname, headers: request.headers })
    try {
      const found = files[pathname] ?? (await inFolder(files, pathname))
      const { type, body } = typeof found === 'string' ? { type: 'text/html', body: found } : found
      response
        .writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*' })
        .end(body)
    } catch {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('no such file')
    }
  }

  /**
   * Opens a page of this site and initialises the SDK.
   *
   * @param {import('playwright-core').Page} page
   * @param {import('./demo.js').Demo} demo
   * @param {{ mode?: 'EMBEDDED' | 'HEADER_BASED', path?: string, uid?: string | null, storage?: string }} [options]
   *   `uid`: who logs in, `null` for nobody
   */
  async open(page, demo, { mode = 'HEADER_BASED', path = '', uid, storage = 'LOCAL' } = {}) {
    await page.goto(this.url + path)
    await page.waitForFunction(() => window.ready)
    await page.evaluate(initialise, {
      line: demo.line,
      mode,
      storage,
      uid: uid === undefined ? demo.line.users[0] : uid
    })
  }

  close() {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/** Runs in the page: `init`, and `login` if somebody is named. */
export async function initialise({ line, mode, storage, uid }) {
  const settings = new CometChat.AppSettingsBuilder()
    .setRegion(line.region)
    .overrideClientHost(line.apiUrl)
    .setStorageMode(CometChat.StorageMode[storage])
    .setSecureMediaMode(CometChat.SecureMediaMode[mode])
    .build()
  await CometChat.init(line.appId, settings)
  if (uid !== null) await CometChat.login(uid, line.authKey)
}

/** What a path below a served folder holds. */
async function inFolder(files, pathname) {
  const [prefix, { folder }] = Object.entries(files).find(
    ([name, file]) => file.folder && pathname.startsWith(name)
  )
  const path = normalize(join(folder, pathname.slice(prefix.length)))
  if (!path.startsWith(normalize(folder))) throw new Error('outside of the folder')
  return { type: TYPES[extname(path)] ?? 'application/octet-stream', body: await readFile(path) }
}
