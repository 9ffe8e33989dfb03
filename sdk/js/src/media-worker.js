/**
 * A service worker that opens clean media URLs with the File Access Token as the header `fat`.
 *
 * Serve this file from your own origin, at the root or above the pages that show media, and start it
 * with `startMediaWorker` of `@cloakroom/sdk/worker`, or load it into a worker of your own with
 * `importScripts`. It imports and exports nothing, so that it runs as a classic script as well,
 * where a browser has no module workers.
 *
 * Nothing is kept here. The query of the script's URL says which host is ours, so a worker that was
 * stopped and started again knows it; the token is asked of the page that wants a medium, each time,
 * so that after a logout there is nothing to forget.
 */

/**
 * What this script uses of its surroundings.
 *
 * @typedef {object} Surroundings
 * @property {(type: string, listener: (event: any) => void) => void} addEventListener
 * @property {() => Promise<void>} skipWaiting
 * @property {{ claim: () => Promise<void>, get: (id: string) => Promise<Page | undefined> }} clients
 * @property {Location} location
 */

/** @typedef {{ postMessage: (message: unknown, ports: MessagePort[]) => void }} Page */

/** How long a page may take to say its token: one that is loading logs in first. */
const ANSWER_WITHIN_MS = 10_000

const MEDIA_FILE = /^[0-9a-f]{32}(?:_(?:small|medium|large))?\.[a-z0-9]+$/

const worker = /** @type {Surroundings} */ (/** @type {unknown} */ (self))

/** `{origin}/{appId}/media/` */
const mediaBase = new URL(worker.location.href).searchParams.get('media')

/** Questions on their way, by page and refused token. @type {Map<string, Promise<string | null>>} */
const asking = new Map()

worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()))
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()))
worker.addEventListener('message', (event) => {
  if (event.data?.cloakroom === 'claim') event.waitUntil(worker.clients.claim())
})
worker.addEventListener('fetch', (event) => {
  if (isOurs(event.request)) event.respondWith(open(event.request, event.clientId))
})

/**
 * Whether a request is for a medium of ours that carries no credential yet.
 *
 * @param {Request} request
 */
function isOurs({ url, method, headers }) {
  if (
    mediaBase === null ||
    method !== 'GET' ||
    headers.has('fat') ||
    headers.has('authorization')
  ) {
    return false
  }
  return url.startsWith(mediaBase) && MEDIA_FILE.test(url.slice(mediaBase.length))
}

/**
 * @param {Request} request
 * @param {string} pageId
 * @returns {Promise<Response>}
 */
async function open(request, pageId) {
  const fat = await fatOf(pageId, null)
  if (fat === null) return fetch(request)
  const response = await fetch(withFat(request, fat, request.cache))
  if (response.status !== 401) return response
  // A copy that came by `?fat=` is revalidated under that URL, which makes two credentials of it:
  // the second try asks past the copies.
  const isAboutToken = (await reasonOf(response.clone())) !== 'two_credentials'
  const fresh = isAboutToken ? await fatOf(pageId, fat) : fat
  if (fresh === null || (isAboutToken && fresh === fat)) return response
  return fetch(withFat(request, fresh, 'reload'))
}

/** @param {Response} response @returns {Promise<unknown>} */
async function reasonOf(response) {
  try {
    return (await response.json()).error.details.reason
  } catch {
    return null
  }
}

/**
 * The same request with the token. It must read headers across origins, so it is a CORS request
 * whatever the element asked for; and it follows no redirect, which would take the token elsewhere.
 *
 * @param {Request} request
 * @param {string} fat
 * @param {RequestCache} cache
 */
function withFat(request, fat, cache) {
  const headers = new Headers({ fat })
  for (const name of ['range', 'if-range']) {
    const value = request.headers.get(name)
    if (value !== null) headers.set(name, value)
  }
  return new Request(request.url, {
    headers,
    mode: 'cors',
    credentials: 'omit',
    cache: cache === 'only-if-cached' ? 'default' : cache,
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    signal: request.signal
  })
}

/**
 * Asks a page for its token, once for all that want it at the same time.
 *
 * @param {string} pageId
 * @param {string | null} refused a token that the media host just refused
 * @returns {Promise<string | null>} `null` if the page has none, or does not answer
 */
function fatOf(pageId, refused) {
  const key = `${pageId} ${refused}`
  const question = asking.get(key) ?? ask(pageId, refused).finally(() => asking.delete(key))
  asking.set(key, question)
  return question
}

/**
 * @param {string} pageId
 * @param {string | null} refused
 * @returns {Promise<string | null>}
 */
async function ask(pageId, refused) {
  const page = await worker.clients.get(pageId)
  if (page === undefined) return null
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    const timer = setTimeout(() => resolve(null), ANSWER_WITHIN_MS)
    port1.onmessage = ({ data }) => {
      clearTimeout(timer)
      port1.close()
      resolve(typeof data === 'string' ? data : null)
    }
    page.postMessage({ cloakroom: 'fat', media: mediaBase, refused }, [port2])
  })
}
