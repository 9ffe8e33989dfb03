/**
 * Starts `cloakroom demo` on free ports with a data folder of its own, and moves its clock.
 *
 * @typedef {object} DemoLine what `cloakroom demo --json` prints
 * @property {true} ready
 * @property {string} demoUrl
 * @property {string} dashboardUrl
 * @property {string} apiUrl
 * @property {string} mediaUrl
 * @property {string} appId
 * @property {string} region
 * @property {string} authKey
 * @property {string} apiKey
 * @property {{email: string, password: string}} operator
 * @property {string[]} users
 * @property {string} outsider
 * @property {string} group
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The binary `cloakroom` that is tested. */
export const BINARY =
  process.env.CLOAKROOM_BIN ??
  fileURLToPath(new URL('../../target/debug/cloakroom', import.meta.url))
const READY_WITHIN_MS = 60_000
const PORTS = 4

export class Demo {
  /** @type {DemoLine} */
  line
  /** Everything that the server logged, for a test that looks for tokens. */
  log = ''
  #server
  #folder
  #words

  constructor(folder, words) {
    this.#folder = folder
    this.#words = words
  }

  /** @param {string[]} options further command-line options */
  static async start(...options) {
    const folder = await mkdtemp(join(tmpdir(), 'cloakroom-browser-'))
    const base = `${await freePortBase()}`
    const words = ['demo', '--json', '--clock-control', '--port-base', base, '--data', folder]
    const demo = new Demo(folder, [...words, ...options])
    try {
      await demo.#run()
    } catch (error) {
      await demo.stop()
      throw error
    }
    return demo
  }

  /** The data folder. */
  get folder() {
    return this.#folder
  }

  async #run() {
    this.#server = spawn(BINARY, this.#words, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#server.stderr.setEncoding('utf8')
    this.#server.stderr.on('data', (text) => (this.log += text))
    this.line = await this.#readyLine()
  }

  /** Kills the server as a crash would, and starts it again on the same data and ports. */
  async crash() {
    const ended = once(this.#server, 'exit')
    this.#server.kill('SIGKILL')
    await ended
    await this.#run()
  }

  async #readyLine() {
    const lines = createInterface({ input: this.#server.stdout })
    const line = new Promise((resolve, reject) => {
      lines.once('line', resolve)
      this.#server.once('error', reject)
      this.#server.once('exit', (code) =>
        reject(new Error(`the demo ended with ${code}:\n${this.log}`))
      )
      setTimeout(
        () => reject(new Error(`the demo was not ready in ${READY_WITHIN_MS} ms:\n${this.log}`)),
        READY_WITHIN_MS
      ).unref()
    })
    return JSON.parse(await line)
  }

  /** Moves the server's clock. @param {number} seconds */
  async advance(seconds) {
    const response = await fetch(`${this.line.demoUrl}/test/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ advanceSeconds: seconds })
    })
    if (!response.ok) throw new Error(`the clock did not move: ${response.status}`)
  }

  /**
   * Logs a user in beside whatever a page does, by the REST API alone.
   *
   * @param {string} uid
   * @returns {Promise<string>} the File Access Token of the new session
   */
  async newSession(uid) {
    const authToken = await this.authToken(uid)
    const { fat } = await this.#call('PUT', 'me', { authtoken: authToken })
    return fat
  }

  /** Makes an auth token, as the app's back end does. @param {string} uid @returns {Promise<string>} */
  async authToken(uid) {
    const credential = { apikey: this.line.apiKey }
    return (await this.#call('POST', `users/${uid}/auth_tokens`, credential)).authToken
  }

  /** Makes a key by which the app's back end presigns by itself. @param {object} [bounds] */
  async delegatedKey(bounds) {
    const credential = { apikey: this.line.apiKey }
    const asked = { name: 'Pages', maxTtlSeconds: 600, ...bounds }
    return this.#call('POST', 'delegated_keys', credential, asked)
  }

  /**
   * @param {string} reader
   * @param {string} other the other end of the conversation
   * @param {string} mimeType
   * @returns {Promise<string>} clean URL of the first attachment of that type, in their conversation
   *   or in the group
   */
  async attachmentUrl(reader, other, mimeType) {
    const authToken = await this.authToken(reader)
    const read = (from) =>
      this.#call('GET', `${from}/messages?per_page=100`, { authtoken: authToken }, null)
    const messages = [await read(`users/${other}`), await read(`groups/${this.line.group}`)]
    const all = messages.flat().flatMap(({ data }) => data.attachments ?? [])
    return all.find((attachment) => attachment.mimeType === mimeType).url
  }

  /**
   * Takes something back, as the app's back end does; it is in force when this resolves.
   *
   * @param {string} kind such as `file`
   * @param {string} id
   */
  async revoke(kind, id) {
    await this.#call('POST', 'revocations', { apikey: this.line.apiKey }, { kind, id })
  }

  async #call(method, path, credential, body = {}) {
    const response = await fetch(`${this.line.apiUrl}/v3/${path}`, {
      method,
      headers: { appid: this.line.appId, 'content-type': 'application/json', ...credential },
      ...(body && { body: JSON.stringify(body) })
    })
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()).data
  }

  /** Runs another command of the same binary on the demo's data. @param {string[]} words */
  async command(...words) {
    const config = join(this.#folder, 'command.toml')
    await writeFile(config, `data_dir = "${this.#folder}"\n`)
    const { stdout } = await promisify(execFile)(BINARY, [...words, '--config', config])
    return stdout
  }

  async stop() {
    if (this.#server.exitCode === null && this.#server.signalCode === null && this.#server.pid) {
      const ended = once(this.#server, 'exit')
      this.#server.kill('SIGTERM')
      const timer = setTimeout(() => this.#server.kill('SIGKILL'), 10_000)
      await ended
      clearTimeout(timer)
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** The first of four ports in a row that nobody listens on. */
async function freePortBase() {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const base = await portIsFree(0)
    if (!base || base > 65_000) continue
    const rest = await Promise.all(
      Array.from({ length: PORTS - 1 }, (_, index) => portIsFree(base + 1 + index))
    )
    if (rest.every(Boolean)) return base
  }
  throw new Error('found no four free ports in a row')
}

/** @param {number} port 0 for any @returns {Promise<number>} the port; 0 if it is taken */
function portIsFree(port) {
  return new Promise((resolve) => {
    const listener = createServer()
    listener.once('error', () => resolve(0))
    listener.listen(port, '127.0.0.1', () => {
      const { port: found } = listener.address()
      listener.close(() => resolve(found))
    })
  })
}
