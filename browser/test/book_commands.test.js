/** The commands of the book, run as they stand there: each prints what it promises. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { allBlocks } from '../harness/book.js'
import { BINARY, Demo } from '../harness/demo.js'

const run = promisify(execFile)
const PROMISE = /# prints (.*)$/
const MARK = '@@@'
const BEGIN = 'start/begin.md'

const found = (await allBlocks()).filter(({ language }) => language === 'sh')
const pages = new Map(found.map(({ page }) => [page, found.filter((block) => block.page === page)]))

/** The commands, with a mark in the output after each promise; and the promises. */
function instrumented(blocks) {
  const lines = blocks.flatMap(({ code }) => code.split('\n'))
  const promises = lines.flatMap((line) => PROMISE.exec(line)?.[1].trim() ?? [])
  return {
    script: lines.map((line) => (PROMISE.test(line) ? `${line}\necho ${MARK}` : line)).join('\n'),
    promises
  }
}

suite('commands', () => {
  let demo, folder, missing

  before(async () => {
    const needed = ['bash', 'curl', 'jq']
    const there = await Promise.all(
      needed.map((name) => run(name, ['--version']).then(Boolean, () => false))
    )
    missing = needed.find((_, index) => !there[index])
    demo = await Demo.start()
    folder = await mkdtemp(join(tmpdir(), 'cloakroom-book-'))
    await symlink(demo.folder, join(folder, 'cloakroom-data'))
  })
  after(async () => {
    await demo?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  /** What the commands print, one text for each promise, and what is behind the last. */
  const printed = async (script) => {
    const placed = script.replaceAll('http://127.0.0.1:8081', demo.line.apiUrl)
    const PATH = `${dirname(BINARY)}${delimiter}${process.env.PATH}`
    const options = { cwd: folder, env: { ...process.env, PATH } }
    const { stdout } = await run('bash', ['-c', `set -euo pipefail\n${placed}`], options).catch(
      (error) => assert.fail(`${error.message}\n${error.stdout}`)
    )
    return stdout.split(`${MARK}\n`).map((text) => text.trim())
  }

  test('there are commands on many pages', () => {
    assert.ok(pages.size >= 9 && pages.has(BEGIN), [...pages.keys()].join())
  })

  for (const [page, blocks] of pages) {
    test(`${page}: each command prints what it promises`, async (context) => {
      if (missing) return context.skip(`SKIPPED: ${missing} is not installed`)
      const { script, promises } = instrumented(blocks)
      assert.ok(promises.length > 0, 'nothing is promised')
      const begin = page === BEGIN ? '' : `{\n${instrumented(pages.get(BEGIN)).script}\n} >&2\n`
      assert.deepEqual(await printed(begin + script), [...promises, ''])
    })
  }
})
