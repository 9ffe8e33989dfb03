/** The page of `npm run compare`: it says nothing that its next run would not write again. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { report } from '../compare/report.js'

const doc = (name) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

test('what stands beside the numbers is written by the program, or kept for it', async () => {
  const page = await doc('performance-sdk.md')
  const number = (pattern) => Number(pattern.exec(page)[1])
  const [, machine, least, most] = /^(.*)\. Load of the machine: (\d+) to (\d+);/m.exec(page)
  const about = {
    pictures: number(/One list of (\d+) pictures/),
    rounds: number(/Rounds: (\d+),/),
    network: {
      latencyMs: number(/browser: (\d+) ms/),
      megabitsPerSecond: number(/ms, (\d+) Mbit/)
    },
    machine,
    load: [Number(most), Number(least)],
    remarks: await doc('performance/sdk-remarks.md')
  }
  const rows = page.split('\n').filter((line) => /^\| \d/.test(line))
  assert.ok(rows.length > 0)
  const costs = { requests: 202, bytes: 227_400, milliseconds: 2280.4 }
  const measured = new Map([['a way', new Map([['1. a moment', [costs]]])]])
  assert.equal(
    report(measured, about).replace('| 1. a moment | a way | 202 | 227 | 2280 | 2280, 2280 |', '*'),
    page.replace(rows.join('\n'), '*')
  )
})
