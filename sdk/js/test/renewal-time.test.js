import assert from 'node:assert/strict'
import test from 'node:test'
import { createTimer } from '../src/effects.js'
import { renewalTime, retryDelay } from '../src/renewal-time.js'

test('asking again slows down to once in five minutes', () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 7, 8, 5000].map(retryDelay)
  assert.deepEqual(delays, [5, 5, 10, 20, 40, 80, 160, 300, 300, 300])
})

test('a FAT is renewed after four fifths of its life, at most ten minutes before its end', () => {
  const cases = [
    // [issuedAt, expiresAt, renewed at]
    [0, 100, 80],
    [0, 3000, 2400],
    [0, 3001, 2401],
    [0, 86_400, 85_800],
    [100, 100, 100],
    [200, 100, 100]
  ]
  for (const [issuedAt, expiresAt, at] of cases) {
    assert.equal(Math.floor(renewalTime({ issuedAt, expiresAt })), at, `${issuedAt}–${expiresAt}`)
  }
})

test('a timer never waits for longer than browsers can count, and forgets what it was set to', () => {
  const waits = new Map()
  let made = 0
  const timer = createTimer({
    setTimeout: (_, milliseconds) => (waits.set(++made, milliseconds), made),
    clearTimeout: (handle) => waits.delete(handle)
  })
  const seen = [30 * 86_400, 5, 0.25, Infinity, undefined].map((seconds) => {
    timer(seconds, () => {})
    return [...waits.values()]
  })
  assert.deepEqual(seen, [[3_600_000], [5000], [250], [], []])
})
