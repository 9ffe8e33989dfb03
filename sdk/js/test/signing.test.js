import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { DelegatedSigner, DelegatedSigningError } from '../src/signing.js'

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/delegated.json', import.meta.url), 'utf8')
)

/** @param {object} [more] */
function signer(more) {
  const { app, bounds, keyId, origin, secret } = vectors
  return new DelegatedSigner({
    mediaOrigin: origin,
    appId: app,
    id: keyId,
    secret,
    generation: 1,
    ...bounds,
    ...more
  })
}

test('the same bytes are signed as in Rust, and the same is refused', async () => {
  assert.ok(vectors.signed.length > 15)
  for (const { name, asks, signed, expiresAt, refused } of vectors.signed) {
    const { url, generation, lifetimeSeconds, purpose, ...rest } = asks
    const one = signer()
    one.known(generation)
    one.known(2)
    const terms = { ...rest, ttlSeconds: lifetimeSeconds, purpose: purpose ?? undefined }
    if (refused === undefined) {
      assert.deepEqual(await one.sign(url, terms), { url: signed, expiresAt }, name)
    } else {
      await assert.rejects(one.sign(url, terms), { code: refused }, name)
    }
  }
})

test('without bounds the signer leaves them to the server', async () => {
  const one = signer({ maxTtlSeconds: undefined, purposes: undefined, uidPrefix: undefined })
  const url = vectors.signed[0].asks.url
  const { url: got } = await one.sign(url, { uid: 'bob', now: 1_790_000_000 })
  assert.match(got, /\?Principal=u:bob&Generation=1&Expires=1790000700&Signature=/)
})

test('what cannot be signed is refused by its name', async () => {
  const cases = /** @type {const} */ ([
    [{ secret: 'ckr_dk_short' }, 'BadSecret'],
    [{ appId: 'A' }, 'BadId'],
    [{ id: 'a b' }, 'BadId'],
    [{ mediaOrigin: 'https://files.test/x' }, 'BadUrl']
  ])
  for (const [options, code] of cases) {
    assert.throws(
      () => signer(options),
      (error) => error instanceof DelegatedSigningError && error.code === code
    )
  }
  const url = vectors.signed[0].asks.url
  for (const terms of [
    { views: 0 },
    { views: 1, viewsTag: 'A' },
    { viewsTag: 'a' },
    { purpose: 'x' }
  ]) {
    const all = /** @type {any} */ ({ uid: 'alice', purpose: 'mail', ...terms })
    await assert.rejects(signer().sign(url, all), { code: 'BadTerms' })
  }
  assert.ok(!JSON.stringify(signer()).includes('ckr_dk_'))
})
