const WITHIN_MS = 20_000
const EVERY_MS = 25

/**
 * Waits for a condition, and gives what it gave.
 *
 * @template T
 * @param {() => T | Promise<T>} condition holds once it gives something truthy
 * @param {string} what the condition, for the error message
 * @returns {Promise<T>}
 */
export async function until(condition, what) {
  const end = Date.now() + WITHIN_MS
  for (;;) {
    const result = await condition()
    if (result) return result
    if (Date.now() > end) throw new Error(`did not happen in ${WITHIN_MS} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
  }
}
