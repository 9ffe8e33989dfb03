import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { apiBase } from '../src/api-host.js'
import {
  cleanMediaUrl,
  hasFatQueryParam,
  parseSecureMediaHost,
  stripFatQueryParam
} from '../src/media-url.js'

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/media_url.json', import.meta.url), 'utf8')
)

test('a media URL is told by parsing, as in the shared vectors', () => {
  assert.ok(vectors.length > 20)
  for (const { origin, app, url, media, reason } of vectors) {
    const host = parseSecureMediaHost(`${origin}/${app}/media/`, app)
    assert.ok(host)
    assert.equal(cleanMediaUrl(url, host) !== null, media, `${reason}: ${url}`)
  }
})

test('the fat parameter is found and removed by name, and the rest stays as written', () => {
  const cases = [
    ['https://h/a.jpg', 'https://h/a.jpg'],
    ['https://h/a.jpg?fat=T', 'https://h/a.jpg'],
    ['https://h/a.jpg?x=%20a&fat=T&y=b+c#z', 'https://h/a.jpg?x=%20a&y=b+c#z'],
    ['https://h/a.jpg?fat=T&fat=U', 'https://h/a.jpg'],
    ['https://h/a.jpg?%66at=T', 'https://h/a.jpg'],
    ['https://h/a.jpg?xfat=T', 'https://h/a.jpg?xfat=T'],
    ['https://h/fat=T', 'https://h/fat=T'],
    ['https://h/a#?fat=T', 'https://h/a#?fat=T'],
    ['no url?fat=T', 'no url?fat=T']
  ]
  for (const [url, stripped] of cases) {
    assert.equal(stripFatQueryParam(url), stripped)
    assert.equal(hasFatQueryParam(url), url !== stripped, url)
  }
})

test('an override host becomes a base URL', () => {
  const cases = [
    ['chat.example.com', 'http:', 'https://chat.example.com/v3'],
    ['chat.example.com:8443/v3.0/', 'http:', 'https://chat.example.com:8443/v3.0'],
    ['localhost:8081', 'http:', 'http://localhost:8081/v3'],
    ['127.0.0.1:8081/v3.0', 'https:', 'https://127.0.0.1:8081/v3.0'],
    ['[::1]:8081', 'http:', 'http://[::1]:8081/v3'],
    ['localhost.evil.test', 'http:', 'https://localhost.evil.test/v3'],
    ['http://chat.example.com', 'https:', 'http://chat.example.com/v3'],
    ['https://localhost:1/api', 'http:', 'https://localhost:1/api'],
    ['', 'http:', null],
    ['ftp://h', 'http:', null],
    ['https://u:p@h', 'http:', null],
    ['h?x', 'http:', null]
  ]
  for (const [host, protocol, base] of cases) assert.equal(apiBase(host, protocol), base, host)
})
