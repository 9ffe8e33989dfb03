/** WebKitGTK's MiniBrowser on a display of its own, driven by W3C WebDriver. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { until } from './until.js'

const BROWSERS = ['4.1', '4.0', '6.0'].map(
  (version) =>
    `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/webkit2gtk-${version}/MiniBrowser`
)
const SCRIPT_WITHIN_MS = 60_000

/** @returns {Promise<import('./engines.js').Engine>} */
export async function startWebKit() {
  const browser = BROWSERS.find((path) => existsSync(path))
  if (browser === undefined) throw new Error('MiniBrowser of WebKitGTK is not there')
  const display = await startDisplay()
  const port = await freePort()
  const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    env: {
      ...process.env,
      DISPLAY: display.name,
      GDK_BACKEND: 'x11',
      LIBGL_ALWAYS_SOFTWARE: '1',
      NO_AT_BRIDGE: '1',
      // The tests run as root in a container, where the sandbox cannot be set up.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1'
    },
    stdio: 'ignore'
  })
  const stop = async () => {
    await end(driver)
    await end(display.server)
  }
  try {
    await started(driver, 'WebKitWebDriver')
    const session = await Session.begin(`http://127.0.0.1:${port}`, browser)
    return {
      version: `WebKitGTK ${session.version}`,
      page: session,
      close: async () => {
        await session.end()
        await stop()
      }
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** One browser window. */
class Session {
  #base

  constructor(base, version) {
    this.#base = base
    this.version = version
  }

  static async begin(driver, binary) {
    await until(
      () =>
        fetch(`${driver}/status`).then(
          (answer) => answer.ok,
          () => false
        ),
      'WebKitWebDriver answers'
    )
    const options = { binary, args: ['--automation'] }
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': options } }
    const made = await call('POST', `${driver}/session`, { capabilities })
    const session = new Session(
      `${driver}/session/${made.sessionId}`,
      made.capabilities.browserVersion
    )
    await call('POST', `${session.#base}/timeouts`, { script: SCRIPT_WITHIN_MS })
    return session
  }

  async goto(url) {
    await call('POST', `${this.#base}/url`, { url })
  }

  async run(body, argument) {
    const script = `
      const done = arguments[arguments.length - 1]
      Promise.resolve().then(() => (${body})(arguments[0])).then(
        (value) => done({ value }),
        (error) => done({ error: String(error && error.message || error) }))`
    const answer = await call('POST', `${this.#base}/execute/async`, {
      script,
      args: [argument ?? null]
    })
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer.value
  }

  async end() {
    await call('DELETE', this.#base).catch(() => {})
  }
}

async function call(method, url, body) {
  const answer = await fetch(url, { method, body: body && JSON.stringify(body) })
  const { value } = await answer.json()
  if (!answer.ok) throw new Error(`WebDriver: ${value.error}: ${value.message}`)
  return value
}

/** A display that nobody sees, under a number that nobody uses. */
async function startDisplay() {
  const words = ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp']
  const server = spawn('Xvfb', words, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  await started(server, 'Xvfb')
  const [number] = await once(server.stdio[3], 'data')
  return { server, name: `:${String(number).trim()}` }
}

async function started(child, name) {
  await Promise.race([
    once(child, 'spawn'),
    once(child, 'error').then(([error]) => {
      throw new Error(`${name} does not start: ${error.code ?? error.message}`)
    })
  ])
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null || !child.pid) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await ended
  clearTimeout(timer)
}

function freePort() {
  return new Promise((resolve) => {
    const listener = createServer()
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address()
      listener.close(() => resolve(port))
    })
  })
}
