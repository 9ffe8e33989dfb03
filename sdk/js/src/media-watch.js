import { createTimer } from './effects.js'
import { parseObject } from './json.js'
import { retryDelay } from './renewal-time.js'

/** @import { App } from './app.js' */

/** The server watches no more for one stream; beyond it the newest are watched. */
const MOST_WATCHED = 1000
/** How long more URLs are waited for before the stream is opened anew. */
const GATHER_SECONDS = 0.25
/** After a stream that the server ended in good order, as when it restarts. */
const AGAIN_SECONDS = 1

/**
 * Why a medium must leave the screen: it was taken back, or the whole session has ended.
 *
 * @typedef {{ url: string, reason: 'gone' | 'session_ended' }} Gone
 */

/**
 * Takes media off the screen that may not be seen any more: the server tells.
 *
 * @param {App} app
 */
export function mediaWatch(app) {
  const { sessions, effects } = app
  /** @type {Set<{ url: string, listener: (gone: Gone) => void }>} */
  const watched = new Set()
  let stream = new AbortController()
  const timer = createTimer(effects)
  let failures = 0

  app.watchClean = (url, listener) => {
    if (![...watched].some((it) => it.url === url)) timer(GATHER_SECONDS, open)
    const watch = { url, listener }
    watched.add(watch)
    return () => {
      if (watched.delete(watch) && watched.size === 0) close()
    }
  }

  // A session began or ended: what was watched in another one is over.
  app.onSession(() => {
    failures = 0
    close()
    tell(() => true, 'session_ended')
  })

  /**
   * @param {(url: string) => boolean} isMeant
   * @param {Gone['reason']} reason
   */
  function tell(isMeant, reason) {
    for (const watch of [...watched]) {
      const { url, listener } = watch
      if (!isMeant(url) || !watched.delete(watch)) continue
      try {
        listener({ url, reason })
      } catch (error) {
        // One listener's fault must leave nothing else on the screen.
        effects.setTimeout(() => {
          throw error
        }, 0)
      }
    }
  }

  function close() {
    timer()
    stream.abort()
  }

  /** @param {string} event of one line of data, as this server writes them */
  function hear(event) {
    const [, name, data = ''] = /^event: ?(.*)\ndata: ?(.*)/m.exec(event) ?? []
    failures = 0
    // The server is asked, so that the session ends here as it does after a refused call.
    if (name === 'session_ended') sessions.renew()
    const { media: id } = parseObject(data)
    if (name !== 'gone' || !/^[0-9a-f]{32}$/.test(id)) return
    tell((url) => url.includes(`/${id}.`) || url.includes(`/${id}_`), 'gone')
  }

  async function open() {
    stream.abort()
    if (watched.size === 0 || !sessions.current) return
    const { signal } = (stream = new AbortController())
    const media = [...new Set([...watched].map(({ url }) => url))].slice(-MOST_WATCHED)
    try {
      const { data: body } = await sessions.call({ path: 'me/events', body: { media }, signal })
      // A runtime that gives no body as a stream (React Native) learns of it at the next fetch.
      if (!body) return
      const reader = body.pipeThrough(new TextDecoderStream()).getReader()
      for (let rest = ''; ;) {
        const { done, value } = await reader.read()
        if (done || signal.aborted) break
        const events = (rest + value).replaceAll('\r', '').split('\n\n')
        rest = events.pop() ?? ''
        events.forEach(hear)
      }
    } catch (/** @type {any} */ error) {
      if (error?.code === 'ERR_ROUTE_NOT_FOUND') return
      failures += 1
    }
    if (!signal.aborted && sessions.current) {
      timer(failures ? retryDelay(failures) : AGAIN_SECONDS, open)
    }
  }
}
