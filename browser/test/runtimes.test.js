/** The SDK in Node, Deno and Bun, and without any browser global. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { Demo } from '../harness/demo.js'
import { FIXTURES, installSdk } from '../harness/packed_sdk.js'

const run = promisify(execFile)
const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url))

const RUNTIMES = {
  Node: [process.execPath],
  Deno: [bin('deno'), 'run', '--quiet', '--no-lock', '--node-modules-dir=manual', '--allow-all'],
  Bun: [bin('bun'), 'run']
}

/** What React Native has too, as far as the SDK may use it. */
const NATIVE = {
  ...{ AbortController, Blob, clearTimeout, console, FormData, queueMicrotask, setTimeout },
  ...{ TextEncoder, URL, URLSearchParams, atob, btoa }
}

suite('without a browser', () => {
  let demo, key

  before(async () => {
    await installSdk()
    demo = await Demo.start()
    key = await demo.delegatedKey()
  })
  after(() => demo?.stop())

  for (const [name, [program, ...words]] of Object.entries(RUNTIMES)) {
    test(`${name}: session, URLs, ranges, uploads, delegated signing, events`, async (context) => {
      const version = await run(program, ['--version']).catch((error) => error)
      if (version instanceof Error)
        return context.skip(`${name} does not start: ${version.message}`)
      context.diagnostic(`${name} ${version.stdout.split('\n')[0]}`)
      const script = `${FIXTURES}runtimes/chat.js`
      const input = JSON.stringify({ line: demo.line, key })
      const { stdout } = await run(program, [...words, script, input], { timeout: 60_000 })
      assert.deepEqual(JSON.parse(stdout), {
        uid: 'alice',
        presigned: true,
        range: [206, 10],
        uploaded: [1, null],
        delegated: 200,
        reason: 'session_ended',
        after: 401
      })
    })
  }

  test('a page that a server renders shows pictures before any script, without a token', async () => {
    const { renderMessages } = await import('../../sdk/js/examples/render-on-a-server.js')
    const { DelegatedSigner } = await import('@cloakroom/sdk/signing')
    const url = await demo.attachmentUrl('alice', 'bob', 'image/jpeg')
    const signer = new DelegatedSigner({ ...key, appId: demo.line.appId })
    const messages = [{ text: '<b>hi</b>' }, { text: 'the <i>lake</i>', url, alt: '"lake"' }]
    const html = await renderMessages(messages, 'bob', signer)
    assert.ok(html.includes('&lt;b&gt;') && html.includes('&quot;lake&quot;'), html)
    assert.ok(!/<[bi]>/.test(html), html)
    assert.ok(!html.includes('fat='))
    const [, src] = /<img slot="placeholder" src="([^"]+)"/.exec(html)
    const opened = await fetch(src.replaceAll('&amp;', '&'))
    assert.equal(opened.status, 200)
    const stranger = await renderMessages(messages, demo.line.outsider, signer)
    const [, theirs] = /<img slot="placeholder" src="([^"]+)"/.exec(stranger)
    assert.equal((await fetch(theirs.replaceAll('&amp;', '&'))).status, 403)
  })

  test('without page, storage, channel and streams, as in React Native', async () => {
    const bundle = await build({
      entryPoints: [`${FIXTURES}runtimes/native.js`],
      bundle: true,
      format: 'iife',
      write: false
    })
    /** React Native's answers have no body that can be read as it comes. */
    const withoutStream = async (url, init) => {
      const { signal: _, ...rest } = init ?? {}
      const response = await fetch(url, rest)
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
      if (isStream) await response.body.cancel()
      const text = isStream ? '' : await response.text()
      const { ok, status, headers } = response
      return {
        ok,
        status,
        headers,
        body: undefined,
        text: async () => text,
        json: async () => JSON.parse(text)
      }
    }
    const sandbox = createContext({ ...NATIVE, fetch: withoutStream })
    runInContext(bundle.outputFiles[0].text, sandbox)
    const missing = runInContext(
      '[typeof document, typeof window, typeof localStorage, typeof BroadcastChannel, typeof navigator]',
      sandbox
    )
    assert.deepEqual([...new Set(missing)], ['undefined'])
    const result = await sandbox.chat(demo.line)
    assert.deepEqual(
      { ...result },
      {
        embedded: true,
        presigned: true,
        uploaded: 1,
        calls: 1,
        fat: null
      }
    )
  })
})
