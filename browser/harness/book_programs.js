/** Makes programs of the blocks of the book, and has them built and checked. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { build } from 'esbuild'
import { compile as compileSvelte } from 'svelte/compiler'
import { compileScript, parse } from 'vue/compiler-sfc'
import { FIXTURES } from './packed_sdk.js'

/** @import { Block } from './book.js' */

/** Where programs are written, beside what they take for granted. */
export const MADE = `${FIXTURES}book/made/`

const EXTENSIONS = { ts: 'ts', js: 'ts', tsx: 'tsx', vue: 'vue', svelte: 'svelte' }

/** Languages whose blocks are programs of a page. */
export const PROGRAMS = Object.keys(EXTENSIONS)

/** Makes the folder of the programs anew. */
export async function clearMade() {
  await rm(MADE, { recursive: true, force: true })
  await mkdir(MADE, { recursive: true })
}

/** @param {Block} block @returns {string} name of its file, which tells the place */
export function fileOf({ page, line, language }) {
  return `${page.replace(/\W/g, '_')}_${line}.${EXTENSIONS[language]}`
}

/**
 * Writes a block as a module.
 *
 * @param {Block} block
 * @param {string} [code] in place of its own
 * @returns {Promise<string>} path
 */
export async function write(block, code = block.code) {
  const path = MADE + fileOf(block)
  const isModule = /\.tsx?$/.test(path)
  await writeFile(path, isModule ? `${code}\nexport {}\n` : code)
  return path
}

/** Whether it begins with nothing, as a quick start does. @param {Block} block */
export function startsByItself({ code }) {
  return code.includes('CometChat.init(')
}

/**
 * Bundles a block for a page. It says `window.ran` when it has run to its end.
 *
 * @param {Block} block
 * @param {(text: string) => string} place puts the names of the demo in
 * @returns {Promise<string>}
 */
export async function bundled(block, place) {
  const path = await write(block, place(block.code))
  const name = `./made/${basename(path)}`
  const main = /^(vue|svelte)$/.test(block.language)
    ? mounted(block.language, name)
    : `import * as program from '${name}'\nwindow.program = program\nwindow.ran = true`
  // What a module imports first has run to its end first.
  const prelude = startsByItself(block) ? '' : `import './prelude.js'\n`
  const { outputFiles } = await build({
    stdin: { contents: prelude + main, resolveDir: `${FIXTURES}book`, loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    // The example comes after the prelude, whatever the package says of effects.
    ignoreAnnotations: true,
    define: {
      'process.env.NODE_ENV': '"development"',
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false'
    },
    plugins: [COMPONENTS]
  })
  return outputFiles[0].text
}

/** @param {'vue' | 'svelte'} framework @param {string} name of the component's file */
function mounted(framework, name) {
  const mount =
    framework === 'vue'
      ? `import { createApp } from 'vue'\ncreateApp(App).mount('#root')`
      : `import { mount } from 'svelte'\nmount(App, { target: document.querySelector('#root') })`
  return `import App from '${name}'\n${mount}\nwindow.ran = true`
}

/** Compiles components of Vue and Svelte, as the plugins of a user's bundler do. */
const COMPONENTS = {
  name: 'components',
  setup(builder) {
    builder.onLoad({ filter: /\.(vue|svelte)$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const contents = extname(path) === '.vue' ? vue(source, path) : svelte(source, path)
      return { contents, loader: 'ts' }
    })
  }
}

/** @param {string} source @param {string} filename */
function vue(source, filename) {
  const { descriptor, errors } = parse(source, { filename })
  if (errors.length > 0) throw errors[0]
  const isCustomElement = (tag) => tag.startsWith('cloak-')
  return compileScript(descriptor, {
    id: filename,
    inlineTemplate: true,
    templateOptions: { compilerOptions: { isCustomElement } }
  }).content
}

/** @param {string} source @param {string} filename */
function svelte(source, filename) {
  return compileSvelte(source, { filename, generate: 'client' }).js.code
}

/** A program that makes the elements known, to somebody who is logged in. */
export async function bundledElements() {
  const { outputFiles } = await build({
    stdin: {
      contents: `import './prelude.js'\nimport '@cloakroom/sdk/elements'\nwindow.ran = true`,
      resolveDir: `${FIXTURES}book`,
      loader: 'js'
    },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022'
  })
  return outputFiles[0].text
}
