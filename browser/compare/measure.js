/**
 * `npm run compare [-- rounds]`: the same list of pictures, shown in three ways against the same server, and what
 * each costs. Prints a page, and writes it to `docs/performance-sdk.md`; what is to be said beside the
 * numbers stands in `docs/performance/sdk-remarks.md`, which is put at its end.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { launchBrowser } from '../harness/browser.js'
import { Demo } from '../harness/demo.js'
import { sendPictures } from '../harness/elements_page.js'
import { SdkPage } from '../harness/sdk_page.js'
import { byElements, byFat, bySignedUrls, prepare } from './page.js'
import { report } from './report.js'

const PICTURES = 200
const ROUNDS = Number(process.argv[2] ?? 3)
const SIZE = { width: 160, height: 107 }
const ON_SCREEN = { width: 48, height: 32 }
const WINDOW = { width: 1280, height: 800 }
/** Of a good mobile network: what a loopback hides. */
const NETWORK = { latencyMs: 50, megabitsPerSecond: 50 }
/** Past the time at which presigned URLs are signed anew, before they end. */
const NEARLY_ONE_LIFE_SECONDS = 580

const DOC = fileURLToPath(new URL('../../docs/performance-sdk.md', import.meta.url))
const REMARKS = fileURLToPath(new URL('../../docs/performance/sdk-remarks.md', import.meta.url))

/**
 * @typedef {object} Way
 * @property {Function} show
 * @property {'EMBEDDED' | 'HEADER_BASED'} mode
 * @property {boolean} refresh whether the app signs its URLs again before they end
 * @property {boolean} [elsewhere] as on a server whose copies belong to one URL
 */

const SIGNED = { show: bySignedUrls, mode: 'HEADER_BASED', refresh: true }
const BY_FAT = { show: byFat, mode: 'EMBEDDED', refresh: false }

/** @type {Record<string, Way>} */
const WAYS = {
  '`<cloak-img>`': { show: byElements, mode: 'HEADER_BASED', refresh: false },
  '`<cloak-img>`, embedded mode': { show: byElements, mode: 'EMBEDDED', refresh: false },
  'a signed URL each': SIGNED,
  'a signed URL each, elsewhere': { ...SIGNED, elsewhere: true },
  '`?fat=` of the login': BY_FAT,
  '`?fat=` of the login, elsewhere': { ...BY_FAT, elsewhere: true }
}

const demo = await Demo.start()
const browser = await launchBrowser()
/** Every server but this one, as far as copies under another URL go. */
const elsewhere = await launchBrowser('--disable-features=HttpCacheNoVarySearch')
const site = await SdkPage.serve()
try {
  const urls = await sendPictures(demo, PICTURES, SIZE)
  /** By way and moment. @type {Map<string, Map<string, object[]>>} */
  const rows = new Map()
  const load = []
  // Round by round, each way once, so that whatever disturbs the machine disturbs all of them.
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, way] of Object.entries(WAYS)) {
      const measured = await visit(way.elsewhere ? elsewhere : browser, urls, way)
      const moments = rows.get(name) ?? new Map()
      rows.set(name, moments)
      for (const [moment, costs] of Object.entries(measured)) {
        moments.set(moment, [...(moments.get(moment) ?? []), costs])
      }
    }
    load.push(loadavg()[0])
  }
  const text = report(rows, {
    pictures: PICTURES,
    rounds: ROUNDS,
    network: NETWORK,
    load,
    remarks: await readFile(REMARKS, 'utf8'),
    machine: `${cpus()[0].model.trim()}, ${cpus().length} cores; Chromium ${browser.version()}`
  })
  console.info(text)
  await writeFile(DOC, text)
} finally {
  await browser.close()
  await elsewhere.close()
  site.close()
  await demo.stop()
}

/** One user's visit: the first look, a new login in a new page, and URLs that near their end. */
async function visit(browser, urls, { show, mode, refresh }) {
  const context = await browser.newContext({ viewport: WINDOW })
  try {
    const first = await open(context, mode)
    const firstLook = await first.costs(() => first.show(show, urls))
    await first.page.close()
    const second = await open(context, mode)
    const newLogin = await second.costs(() => second.show(show, urls))
    await demo.advance(NEARLY_ONE_LIFE_SECONDS)
    const renewal = await second.costs(async () => {
      // Who signs each URL once must sign them again before they end: the pictures load anew.
      if (refresh) await second.show(show, urls)
      else await second.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)))
    })
    if (!refresh) renewal.milliseconds = 0
    return {
      '1. first look': firstLook,
      '2. new login': newLogin,
      '3. URLs near their end': renewal
    }
  } finally {
    await context.close()
  }
}

async function open(context, mode) {
  const page = await context.newPage()
  await site.open(page, demo, { mode, storage: 'SESSION' })
  await page.evaluate(prepare)
  await page.evaluate(() => import('/sdk/elements.js').then(() => {}))
  const authToken = await page.evaluate(
    () =>
      JSON.parse(
        sessionStorage.getItem(Object.keys(sessionStorage).find((key) => key.endsWith(':session')))
      ).authToken
  )
  const session = await context.newCDPSession(page)
  const seen = { requests: 0, bytes: 0 }
  session.on('Network.requestWillBeSent', ({ request }) => {
    if (isOurs(request.url) && request.method !== 'OPTIONS') seen.requests += 1
  })
  session.on(
    'Network.loadingFinished',
    ({ encodedDataLength }) => (seen.bytes += encodedDataLength)
  )
  await session.send('Network.enable')
  const bytesPerSecond = (NETWORK.megabitsPerSecond * 1_000_000) / 8
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: NETWORK.latencyMs,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond
  })
  return {
    page,
    show: (way, urls) => page.evaluate(way, { urls, ...ON_SCREEN, line: demo.line, authToken }),
    costs: async (work) => {
      Object.assign(seen, { requests: 0, bytes: 0 })
      const start = performance.now()
      await work()
      const milliseconds = performance.now() - start
      return { ...seen, milliseconds }
    }
  }
}

function isOurs(url) {
  return url.startsWith(demo.line.apiUrl) || url.startsWith(demo.line.mediaUrl)
}
