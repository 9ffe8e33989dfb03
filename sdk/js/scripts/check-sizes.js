import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

// What an app loads of this SDK, bundled, minified and gzipped. Fails if anything grew past its
// limit: raise one only on purpose, and say in the commit what the bytes buy.
const LIMITS = [
  {
    name: 'core client: session, token, presigned URLs, helpers',
    limit: 7400,
    source: `export { CometChat, CometChatHelper } from '@cloakroom/sdk/core'`
  },
  {
    name: 'core: the same and bound images',
    limit: 10000,
    source: `export * from '@cloakroom/sdk/core'`
  },
  {
    name: 'core and elements',
    limit: 14600,
    source: `export * from '@cloakroom/sdk/core'; import '@cloakroom/sdk/elements'`
  },
  {
    name: 'CometChat: messages and uploads too',
    limit: 15600,
    source: `export { CometChat } from '@cloakroom/sdk'`
  },
  {
    name: 'everything that a page may use: CometChat, bindMedia, elements',
    limit: 22600,
    source: `export * from '@cloakroom/sdk'; import '@cloakroom/sdk/elements'`
  },
  { name: 'byte cache, beside core', limit: 1300, entry: 'byte-cache', beside: 'core' },
  { name: 'service worker', limit: 1000, source: `export * from '@cloakroom/sdk/worker'` },
  { name: 'signing', limit: 1900, source: `export * from '@cloakroom/sdk/signing'` }
]

const root = fileURLToPath(new URL('..', import.meta.url))

for (const { name, limit, source, entry, beside } of LIMITS) {
  const size = source
    ? await sizeOf(source)
    : (await sizeOf(`${of(beside)};${of(entry)}`)) - (await sizeOf(of(beside)))
  const verdict = size <= limit ? '' : '  too large'
  console.log(
    `${String(size).padStart(6)} of ${String(limit).padStart(6)} bytes  ${name}${verdict}`
  )
  if (size > limit) process.exitCode = 1
}

/** @param {string} entry */
function of(entry) {
  return `export * from '@cloakroom/sdk/${entry}'`
}

/** @param {string} contents of a module that uses this package */
async function sizeOf(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022'
  })
  return gzipSync(outputFiles[0].contents, { level: 9 }).length
}
