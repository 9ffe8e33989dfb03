/** What each bundler makes of the programs in `fixtures/`: files by path, ready to be served. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build as esbuild } from 'esbuild'
import { compile } from 'svelte/compiler'
import { build as vite } from 'vite'
import webpack from 'webpack'
import { FIXTURES } from './packed_sdk.js'

/**
 * @typedef {(entry: string, folder: string) => Promise<unknown>} Bundler makes `main.js`, and beside
 *   it whatever comes later
 */

/** @type {Record<string, Bundler>} */
export const BUNDLERS = {
  esbuild: (entry, folder) =>
    esbuild({
      entryPoints: { main: entry },
      outdir: folder,
      bundle: true,
      minify: true,
      format: 'esm',
      splitting: true,
      define: {
        __VUE_OPTIONS_API__: 'true',
        __VUE_PROD_DEVTOOLS__: 'false',
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false'
      },
      plugins: [svelte]
    }),
  Vite: (entry, folder) =>
    vite({
      configFile: false,
      root: FIXTURES,
      base: './',
      logLevel: 'error',
      build: {
        outDir: folder,
        target: 'es2022',
        modulePreload: false,
        rollupOptions: { input: entry, output: { entryFileNames: 'main.js' } }
      }
    }),
  webpack: (entry, folder) =>
    new Promise((resolve, reject) => {
      const options = {
        entry: { main: entry },
        mode: /** @type {const} */ ('production'),
        output: { path: folder, filename: '[name].js', publicPath: 'auto' }
      }
      webpack(options, (error, stats) => {
        if (error ?? stats?.hasErrors()) reject(error ?? new Error(stats?.toString('errors-only')))
        else resolve(stats)
      })
    })
}

const svelte = {
  name: 'svelte',
  setup(build) {
    build.onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { js } = compile(await readFile(path, 'utf8'), { filename: path, generate: 'client' })
      return { contents: js.code, loader: 'js' }
    })
  }
}

/**
 * @param {string} name of {@link BUNDLERS}
 * @param {string} fixture folder with a `main.js`
 * @param {string} prefix where the files are served
 * @returns {Promise<Record<string, { type: string, body: Buffer }>>}
 */
export async function bundle(name, fixture, prefix) {
  const folder = await mkdtemp(join(tmpdir(), 'cloakroom-bundle-'))
  try {
    await BUNDLERS[name](`${FIXTURES}${fixture}/main.js`, folder)
    const files = (await readdir(folder, { recursive: true })).filter((it) => it.endsWith('.js'))
    const read = async (file) => ({
      type: 'text/javascript',
      body: await readFile(join(folder, file))
    })
    return Object.fromEntries(
      await Promise.all(files.map(async (file) => [`${prefix}${file}`, await read(file)]))
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
