import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

const WIDTHS = [360, 768, 1280]
const HEIGHT = 900

/**
 * Pictures of a page at three widths, in the folder that `CLOAKROOM_SCREENSHOTS` names; none
 * without it.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
export async function screenshots(page, name) {
  const folder = process.env.CLOAKROOM_SCREENSHOTS
  if (!folder) return
  await mkdir(folder, { recursive: true })
  const before = page.viewportSize()
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT })
    await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true })
  }
  if (before) await page.setViewportSize(before)
}

/**
 * The widths at which a page is wider than the window, so that a reader scrolls sideways.
 *
 * @param {import('playwright-core').Page} page
 */
export async function tooWideAt(page) {
  const before = page.viewportSize()
  const wide = []
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT })
    if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth))
      wide.push(width)
  }
  if (before) await page.setViewportSize(before)
  return wide
}
