/** A customer's page with the elements of the SDK, whose clock can be moved with the server's. */
import { deflateSync } from 'node:zlib'
import { login } from './media.js'

/**
 * Opens a page with the elements registered and somebody logged in.
 *
 * @param {import('playwright-core').Page} page
 * @param {import('./plain_page.js').PlainPage} plain
 * @param {import('./demo.js').Demo} demo
 * @param {'EMBEDDED' | 'HEADER_BASED'} mode
 * @param {string} [uid] the demo's first user if left out; nobody is logged in if `null`
 */
export async function openElements(page, plain, demo, mode, uid = demo.line.users[0]) {
  await page.addInitScript(() => {
    const now = Date.now.bind(Date)
    window.skew = Number(sessionStorage.getItem('skew'))
    Date.now = () => now() + window.skew
    window.problems = []
    addEventListener('cloak-error', ({ detail }) => problems.push(detail.code))
  })
  await plain.open(page, demo, mode)
  if (uid !== null) await login(page, demo, uid)
  await page.evaluate(() => import('/sdk/elements.js').then(() => {}))
}

/**
 * Time passes for the server and for the page, as for a laptop that was asleep: the page's timers
 * did not run, and it learns of it when it becomes visible again.
 */
export async function sleep(page, demo, seconds) {
  await demo.advance(seconds)
  await page.evaluate((seconds) => {
    window.skew += seconds * 1000
    sessionStorage.setItem('skew', window.skew)
    document.dispatchEvent(new Event('visibilitychange'))
  }, seconds)
}

/** How many elements are in which state. @returns {Promise<Record<string, number>>} */
export function states(page) {
  return page.evaluate(() => {
    const counts = {}
    for (const { state } of document.querySelectorAll('cloak-img, cloak-video, cloak-audio')) {
      counts[state] = (counts[state] ?? 0) + 1
    }
    return counts
  })
}

/**
 * Sends pictures of one colour each, and gives their URLs.
 *
 * @param {import('./demo.js').Demo} demo
 * @param {number} count
 * @param {{ width?: number, height?: number }} [size]
 * @returns {Promise<string[]>}
 */
export async function sendPictures(demo, count, { width = 60, height = 40 } = {}) {
  const MOST_FILES = 10
  const urls = []
  for (let first = 0; first < count; first += MOST_FILES) {
    const form = new FormData()
    const fields = { receiver: demo.line.users[0], receiverType: 'user', category: 'message' }
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('type', 'image')
    for (let index = first; index < Math.min(count, first + MOST_FILES); index += 1) {
      const picture = new Blob([png(width, height, index)], { type: 'image/png' })
      form.append('files[]', picture, `${index}.png`)
    }
    const response = await fetch(`${demo.line.apiUrl}/v3/messages`, {
      method: 'POST',
      headers: {
        appid: demo.line.appId,
        apikey: demo.line.apiKey,
        onbehalfof: demo.line.users[1]
      },
      body: form
    })
    const { data, error } = await response.json()
    if (error) throw new Error(`${error.code}: ${error.message}`)
    urls.push(...data.data.attachments.map(({ url }) => url))
  }
  return urls
}

/** A PNG of noise that differs by `seed`, so that no two are alike. */
function png(width, height, seed) {
  let state = seed * 2654435761 + 1
  const rows = Buffer.alloc(height * (width * 3 + 1))
  for (let at = 0; at < rows.length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    rows[at] = at % (width * 3 + 1) === 0 ? 0 : state >>> 24
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0))
  ])
}

/** @param {string} type @param {Buffer} body */
function chunk(type, body) {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  const named = Buffer.concat([Buffer.from(type), body])
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}

/** @param {Buffer} bytes */
function crc32(bytes) {
  let sum = ~0
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return ~sum >>> 0
}
