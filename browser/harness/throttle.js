/** What a page's network is like, so that a test can act in the middle of what it sends. */

/** One session a page: the conditions of several would not give way to each other. */
const sessions = new WeakMap()

/**
 * Slows down what a page sends.
 *
 * @param {import('playwright-core').Page} page
 * @param {number} bytesPerSecond 0 lets it run again
 */
export async function throttle(page, bytesPerSecond) {
  if (!sessions.has(page)) {
    const session = await page.context().newCDPSession(page)
    await session.send('Network.enable')
    sessions.set(page, session)
  }
  await sessions.get(page).send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond || -1
  })
}
