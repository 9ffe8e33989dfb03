import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

// What this SDK weighs: bundled into one file, minified and gzipped, as modern browsers get it.
// Nothing of it is loaded later: shared code in files of their own would weigh more than that saves,
// and an upload or a renewal would fail on a page that is older than the files on the server.
// Fails if anything grew past its limit: raise one only on purpose, and say in the commit what the
// bytes buy.
const EVERYTHING = ['', '/elements', '/byte-cache']

/**
 * `uses` lists entries all of whose exports an app uses, or is the source of such an app. `beside`
 * are entries that it uses already.
 *
 * @type {{ name: string, limit: number, uses: string[] | string, beside?: string[] }[]}
 */
const LIMITS = [
  {
    name: 'core: session, token, media URLs, helpers',
    limit: 5870,
    uses: `export { CometChat, CometChatHelper } from '@cloakroom/sdk/core'`
  },
  { name: 'core with bound images', limit: 8530, uses: ['/core'] },
  { name: 'core and elements', limit: 12250, uses: ['/core', '/elements'] },
  {
    name: 'all that shows media: everything without messages and uploads',
    limit: 15000,
    uses: ['/media', '/elements', '/byte-cache']
  },
  {
    name: 'CometChat: messages and uploads too',
    limit: 13090,
    uses: `export { CometChat } from '@cloakroom/sdk'`
  },
  // All that a page in production uses together. The inspector (for debugging), signing (for
  // servers), React's entry and the service worker (its script runs beside the page) are entries of
  // their own, below.
  {
    name: 'everything: CometChat, uploads, bindMedia, elements, byte cache',
    limit: 19340,
    uses: EVERYTHING
  },
  { name: 'byte cache, beside', limit: 540, uses: ['/byte-cache'], beside: ['', '/elements'] },
  { name: 'React, beside everything', limit: 1160, uses: ['/react'], beside: EVERYTHING },
  { name: 'inspector, beside everything', limit: 4010, uses: ['/inspector'], beside: EVERYTHING },
  { name: 'worker, beside everything', limit: 610, uses: ['/worker'], beside: EVERYTHING },
  { name: 'script of the worker', limit: 890, uses: `import '@cloakroom/sdk/worker/script.js'` },
  { name: 'signing', limit: 1790, uses: ['/signing'] }
]

const root = fileURLToPath(new URL('..', import.meta.url))

for (const { name, limit, uses, beside = [] } of LIMITS) {
  const source = await sourceOf(uses, beside)
  const whole = await sizeOf(source)
  const size = beside[0] === undefined ? whole : whole - (await sizeOf(await sourceOf([], beside)))
  const verdict = size <= limit ? '' : '  too large'
  console.log(`${pad(size)} of ${pad(limit)} bytes  ${name}${verdict}`)
  if (size > limit) process.exitCode = 1
}

/**
 * @param {string[] | string} uses
 * @param {string[]} beside
 */
async function sourceOf(uses, beside) {
  if (typeof uses === 'string') return uses
  const lines = []
  for (const entry of [...beside, ...uses]) {
    const specifier = JSON.stringify(`@cloakroom/sdk${entry}`)
    const local = `sdk${lines.length}`
    const names = Object.keys(await import(`@cloakroom/sdk${entry}`))
    lines.push(`import * as ${local} from ${specifier}`)
    lines.push(`use(${names.map((name) => `${local}.${name}`).join()})`)
  }
  return lines.join('\n')
}

/** @param {number} bytes */
function pad(bytes) {
  return String(bytes).padStart(6)
}

/**
 * @param {string} contents of a module that uses this package
 * @returns {Promise<number>} bytes, minified and gzipped
 */
async function sizeOf(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    absWorkingDir: root,
    external: ['react']
  })
  return gzipSync(outputFiles[0].contents, { level: 9 }).length
}
