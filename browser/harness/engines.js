/**
 * The three browser engines, as far as they start on this machine: Chromium by Playwright, Firefox by
 * WebDriver BiDi, WebKit by WebDriver. Tests see one small interface.
 *
 * @typedef {object} EnginePage
 * @property {(url: string) => Promise<void>} goto
 * @property {(body: Function, argument?: unknown) => Promise<any>} run evaluates an async function
 *   of one JSON argument in the page; its uncaught errors reject
 *
 * @typedef {object} Engine
 * @property {string} version such as `Firefox 140.10.2`
 * @property {EnginePage} page
 * @property {() => Promise<void>} close
 */
import { existsSync } from 'node:fs'
import puppeteer from 'puppeteer-core'
import { launchBrowser } from './browser.js'
import { startWebKit } from './webkit.js'

const FIREFOX = process.env.CLOAKROOM_FIREFOX ?? '/usr/bin/firefox-esr'

/** @type {Record<string, () => Promise<Engine>>} */
export const ENGINES = { Chromium: startChromium, Firefox: startFirefox, WebKit: startWebKit }

/**
 * @param {string} name of {@link ENGINES}
 * @returns {Promise<{ engine: Engine } | { whyNot: string }>} `whyNot` if it does not start here
 */
export async function start(name) {
  try {
    return { engine: await ENGINES[name]() }
  } catch (error) {
    return { whyNot: `${name} does not start: ${String(error?.message ?? error).split('\n')[0]}` }
  }
}

async function startChromium() {
  const browser = await launchBrowser()
  const page = await browser.newPage()
  return {
    version: `Chromium ${browser.version()}`,
    page: {
      goto: async (url) => void (await page.goto(url)),
      run: (body, argument) => page.evaluate(body, argument)
    },
    close: () => browser.close()
  }
}

async function startFirefox() {
  if (!existsSync(FIREFOX)) throw new Error(`${FIREFOX} is not there`)
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    extraPrefsFirefox: { 'media.autoplay.default': 0, 'media.autoplay.blocking_policy': 0 }
  })
  const page = await browser.newPage()
  return {
    version: await browser.version(),
    page: {
      goto: async (url) => void (await page.goto(url)),
      run: (body, argument) => page.evaluate(body, argument)
    },
    close: () => browser.close()
  }
}
