import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

// What an app loads of this SDK, bundled, minified and gzipped, as modern browsers get it. A limit
// holds what a page loads at once. "Later" is what it loads by `import()` if it comes to that: what
// uploads files, and what renews a film that plays. What a page shares with such a part counts as
// loaded at once.
// Fails if anything grew past its limit: raise one only on purpose, and say in the commit what the
// bytes buy.
const LIMITS = [
  {
    name: 'core client: session, token, presigned URLs, helpers',
    limit: 6500,
    source: `export { CometChat, CometChatHelper } from '@cloakroom/sdk/core'`
  },
  {
    name: 'core: the same and bound images',
    limit: 9400,
    source: `export * from '@cloakroom/sdk/core'`
  },
  {
    name: 'core and elements',
    limit: 13750,
    source: `export * from '@cloakroom/sdk/core'; import '@cloakroom/sdk/elements'`
  },
  {
    name: 'CometChat: messages and uploads too',
    limit: 13750,
    source: `export { CometChat } from '@cloakroom/sdk'`
  },
  {
    // Without React's entry, the inspector (for debugging), signing (for servers) and the script
    // of the service worker, which is loaded beside the page.
    name: 'everything that a page may use: CometChat, bindMedia, elements, byte cache, worker',
    limit: 21700,
    source: ['', '/elements', '/byte-cache', '/worker']
      .map((entry) => `export * from '@cloakroom/sdk${entry}'`)
      .join('\n')
  },
  { name: 'byte cache, beside core', limit: 600, entry: 'byte-cache', beside: 'core' },
  { name: 'service worker', limit: 1000, source: `export * from '@cloakroom/sdk/worker'` },
  { name: 'signing', limit: 1850, source: `export * from '@cloakroom/sdk/signing'` }
]

const root = fileURLToPath(new URL('..', import.meta.url))

for (const { name, limit, source, entry, beside } of LIMITS) {
  const { atOnce, later } = source
    ? await sizesOf(source)
    : {
        atOnce:
          (await sizesOf(`${of(beside)};${of(entry)}`)).atOnce - (await sizesOf(of(beside))).atOnce,
        later: 0
      }
  const verdict = atOnce <= limit ? '' : '  too large'
  const rest = later > 0 ? `, ${later} later` : ''
  console.log(`${pad(atOnce)} of ${pad(limit)} bytes  ${name}${rest}${verdict}`)
  if (atOnce > limit) process.exitCode = 1
}

/** @param {string} entry */
function of(entry) {
  return `export * from '@cloakroom/sdk/${entry}'`
}

/** @param {number} bytes */
function pad(bytes) {
  return String(bytes).padStart(6)
}

/**
 * @param {string} contents of a module that uses this package
 * @returns {Promise<{ atOnce: number, later: number }>} bytes, minified and gzipped
 */
async function sizesOf(contents) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    splitting: true,
    metafile: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    outdir: 'out',
    absWorkingDir: root
  })
  const bytesOf = new Map(
    outputFiles.map(({ path, contents }) => [path.slice(root.length), contents])
  )
  const names = [...Object.keys(metafile.outputs)]
  /** @type {Set<string>} */
  const first = new Set(names.filter((name) => metafile.outputs[name].entryPoint === '<stdin>'))
  for (const name of first) {
    for (const { path, kind } of metafile.outputs[name].imports) {
      if (kind === 'import-statement') first.add(path)
    }
  }
  const weigh = (/** @type {string[]} */ parts) =>
    parts.reduce((sum, name) => sum + gzipSync(bytesOf.get(name), { level: 9 }).length, 0)
  return {
    atOnce: weigh([...first]),
    later: weigh(names.filter((name) => !first.has(name)))
  }
}
