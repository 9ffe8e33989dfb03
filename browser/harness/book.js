/** The book in `docs/book`: its pages, their blocks of code, their links. */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the pages. */
export const SOURCE = fileURLToPath(new URL('../../docs/book/src/', import.meta.url))

/**
 * @typedef {object} Block a fenced block of code
 * @property {string} page such as `start/react.md`
 * @property {number} line where it begins
 * @property {string} language
 * @property {string} info what follows the language
 * @property {string} code
 */

/** @typedef {{ name: string, text: string }} Page `name` such as `start/react.md` */

/** @returns {Promise<Page[]>} as they are written, in the order of their names */
export async function pages() {
  const names = (await readdir(SOURCE, { recursive: true })).filter((it) => it.endsWith('.md'))
  return Promise.all(
    names.sort().map(async (name) => ({ name, text: await readFile(join(SOURCE, name), 'utf8') }))
  )
}

/** @param {Page} page @returns {Block[]} */
export function blocks({ name, text }) {
  const fences = /^```(\w*),?(.*)\n([^]*?)\n?^```$/gm
  return [...text.matchAll(fences)].map(({ 1: language, 2: info, 3: code, index }) => ({
    page: name,
    line: text.slice(0, index).split('\n').length,
    language,
    info: info.trim(),
    code
  }))
}

/** @returns {Promise<Block[]>} */
export async function allBlocks() {
  return (await pages()).flatMap(blocks)
}

/** @param {Block} block */
export function placeOf({ page, line, language }) {
  return `${page}:${line} (${language})`
}

/**
 * What a reader sees: includes are put in. They are those of mdBook.
 *
 * @param {Page} page
 * @returns {Promise<Page>}
 */
export async function included({ name, text }) {
  const includes = [...text.matchAll(/^\{\{#include (\S+)\}\}$/gm)]
  for (const [whole, path] of includes) {
    const found = await readFile(resolve(SOURCE, dirname(name), path), 'utf8')
    text = text.replace(whole, () => found)
  }
  return { name, text }
}

/**
 * Links of a page that lead to a page of the book, or to a place in one.
 *
 * @param {Page} page
 * @returns {{ to: string, anchor: string }[]} `to` as a name of a page
 */
export function internalLinks({ name, text }) {
  const prose = text.replace(/^```[^]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target)
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path, anchor = ''] = target.split('#')
      const to = path === '' ? name : relative(SOURCE, resolve(SOURCE, dirname(name), path))
      return { to, anchor }
    })
}

/** Ids of the headings of a page, as mdBook makes them. @param {string} text */
export function anchors(text) {
  const headings = text.replace(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)
  return [...headings].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-')
  )
}
