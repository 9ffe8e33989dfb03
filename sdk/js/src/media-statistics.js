/** @import { App } from './app.js' */

/**
 * What media cost since the page was loaded.
 *
 * @typedef {object} MediaStatistics
 * @property {number} presignCalls calls for presigned URLs
 * @property {number} presignedUrls URLs in them
 * @property {number} fatRenewals renewals by this tab
 * @property {number} loads answers of the secure media host
 * @property {number} notModified of these, copies that the host confirmed with a 304
 * @property {number} bytesLoaded bytes of media that came over the network
 * @property {number} bytesSaved bytes of confirmed copies, which did not have to
 */

/** @typedef {Pick<MediaStatistics, 'loads' | 'notModified' | 'bytesLoaded' | 'bytesSaved'>} Loads */

/** What `transferSize` adds for headers, whatever they weigh (Resource Timing). */
const HEADER_BYTES = 300

/**
 * Counts what the browser loads from the secure media host.
 *
 * @param {App} app
 */
export function mediaTimings({ effects, loads, clean }) {
  if (!effects.document || typeof PerformanceObserver === 'undefined') return
  new PerformanceObserver((list) => {
    for (const entry of /** @type {PerformanceResourceTiming[]} */ (list.getEntries())) {
      if (clean(entry.name)) count(loads, entry)
    }
  }).observe({ type: 'resource', buffered: true })
}

/**
 * @param {App | null} app
 * @returns {MediaStatistics} the last four are 0 where there is no Resource Timing, as in Node
 */
export function mediaStatistics(app) {
  const { calls = 0, urls = 0 } = app?.presigned ?? {}
  const fatRenewals = app?.sessions.renewals ?? 0
  return { presignCalls: calls, presignedUrls: urls, fatRenewals, ...(app?.loads ?? noLoads()) }
}

/**
 * @param {Loads} loads
 * @param {Pick<PerformanceResourceTiming, 'transferSize' | 'encodedBodySize'>} entry
 */
export function count(loads, { transferSize, encodedBodySize }) {
  if (transferSize === 0) return // out of memory, or not to be told
  loads.loads += 1
  const bodyBytes = transferSize - HEADER_BYTES
  loads.bytesLoaded += Math.max(0, bodyBytes)
  if (encodedBodySize === 0 || bodyBytes > 0) return
  loads.notModified += 1
  loads.bytesSaved += encodedBodySize
}

/** @returns {Loads} */
export function noLoads() {
  return { loads: 0, notModified: 0, bytesLoaded: 0, bytesSaved: 0 }
}
