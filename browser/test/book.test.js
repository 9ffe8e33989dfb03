/** The book: its pages are there, its links lead somewhere, its examples are compiled. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { allBlocks, anchors, included, internalLinks, pages, placeOf } from '../harness/book.js'
import { clearMade, fileOf, write } from '../harness/book_programs.js'
import { FIXTURES, installSdk } from '../harness/packed_sdk.js'

const run = promisify(execFile)
const TSC = fileURLToPath(new URL('../node_modules/.bin/tsc', import.meta.url))
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Languages, and what runs or compiles their blocks. */
const CHECKED_BY = {
  html: 'book_runs.test.js',
  js: 'tsc, book_runs.test.js',
  python: 'crates/python/tests/test_book.py',
  rust: 'the doc tests of crates/sdk',
  sh: 'book_commands.test.js',
  svelte: 'book_runs.test.js',
  ts: 'tsc, book_runs.test.js',
  tsx: 'tsc, book_runs.test.js',
  vue: 'book_runs.test.js'
}

suite('the book', () => {
  test('every page stands in the summary once, and the summary names no other', async () => {
    const all = await pages()
    const summary = all.find(({ name }) => name === 'SUMMARY.md')
    const named = internalLinks(summary).map(({ to }) => to)
    const there = all.map(({ name }) => name).filter((name) => name !== 'SUMMARY.md')
    assert.deepEqual(named.sort(), there.sort())
  })

  test('every link leads to a page, and to a heading of it', async () => {
    const all = await Promise.all((await pages()).map(included))
    const headings = new Map(all.map(({ name, text }) => [name, anchors(text)]))
    const dead = all.flatMap((page) =>
      internalLinks(page)
        .filter(
          ({ to, anchor }) => !(anchor ? headings.get(to)?.includes(anchor) : headings.has(to))
        )
        .map(({ to, anchor }) => `${page.name} → ${to}${anchor && `#${anchor}`}`)
    )
    assert.deepEqual(dead, [])
    const links = all.flatMap(internalLinks).length
    assert.ok(links > 60, `only ${links} links were found`)
  })

  test('a page that is put together of another file links to it, for who reads the source', async () => {
    const made = (await pages()).filter(({ text }) => text.includes('{{#include'))
    assert.ok(made.length >= 4, `only ${made.length} pages were found`)
    for (const { name, text } of made) {
      const [, path] = /\{\{#include (\S+)\}\}/.exec(text)
      assert.ok(text.includes(`<p class="source-only">`), name)
      assert.ok(text.includes(`<a href="${path}">`), name)
    }
  })

  test('every block is run or compiled, or says why it is not', async () => {
    const found = await allBlocks()
    assert.ok(found.length > 50, `only ${found.length} blocks were found`)
    const fences = (await pages()).flatMap(({ text }) => text.match(/^\s*(```|~~~)/gm) ?? [])
    assert.equal(fences.length, found.length * 2, 'a block is not seen')
    const silent = found.filter(
      ({ language, info }) =>
        !(language in CHECKED_BY) && !(language === 'text' && /^not run: \w/.test(info))
    )
    assert.deepEqual(silent.map(placeOf), [])
  })

  test('pages with Rust or Python are among those that the SDKs test', async () => {
    const found = await allBlocks()
    const readers = { rust: 'crates/sdk/src/lib.rs', python: 'crates/python/tests/test_book.py' }
    for (const [language, reader] of Object.entries(readers)) {
      const text = await readFile(ROOT + reader, 'utf8')
      const names = new Set(found.filter((it) => it.language === language).map(({ page }) => page))
      assert.ok(names.size > 0)
      for (const name of names) assert.ok(text.includes(name), `${reader} does not read ${name}`)
    }
  })
})

suite('examples in TypeScript and JavaScript', () => {
  before(installSdk)

  test('all compile under the strictest options, with the types of the SDK', async () => {
    await clearMade()
    const programs = (await allBlocks()).filter(({ language }) => /^(js|tsx?)$/.test(language))
    assert.ok(programs.length > 25, `only ${programs.length} programs were found`)
    for (const block of programs) await write(block)
    const places = programs.map((block) => `${fileOf(block)}: ${placeOf(block)}`).join('\n')
    await run(TSC, ['--project', `${FIXTURES}book/tsconfig.json`]).catch((error) =>
      assert.fail(`${error.stdout}\n${places}`)
    )
  })
})
