/**
 * Waits for all of them, and fails if one did, but not before the others have settled: what they
 * began can be taken down then.
 *
 * @param {Promise<unknown>[]} all
 */
export async function together(...all) {
  const settled = await Promise.allSettled(all)
  const failed = settled.find(({ status }) => status === 'rejected')
  if (failed) throw failed.reason
}
