/** Media in real elements, and what became of them. */

/**
 * The attachments of both conversations of the demo's first user, as the SDK gives them.
 *
 * @returns {Promise<{name: string, mimeType: string, url: string}[]>}
 */
export function attachments(page, demo) {
  return page.evaluate(
    async ([uid, guid]) => {
      const builder = () => new CometChat.MessagesRequestBuilder().setLimit(100)
      const pages = await Promise.all([
        builder().setUID(uid).build().fetchPrevious(),
        builder().setGUID(guid).build().fetchPrevious()
      ])
      return pages
        .flat()
        .flatMap((message) => message.getAttachments?.() ?? [])
        .map((it) => ({ name: it.getName(), mimeType: it.getMimeType(), url: it.getUrl() }))
    },
    [demo.line.users[1], demo.line.group]
  )
}

/** Keeps the attachments of both conversations in the page, as `window.media`. */
export function holdAttachments(page, demo) {
  return page.evaluate(
    async ([uid, guid]) => {
      const builder = () => new CometChat.MessagesRequestBuilder().setLimit(100)
      const pages = [
        await builder().setUID(uid).build().fetchPrevious(),
        await builder().setGUID(guid).build().fetchPrevious()
      ]
      window.media = pages.flat().flatMap((message) => message.getAttachments?.() ?? [])
    },
    [demo.line.users[1], demo.line.group]
  )
}

/** Logs in through the SDK of the page with the demo's auth key. */
export function login(page, demo, uid = demo.line.users[0]) {
  return page.evaluate(
    ([uid, key]) => CometChat.login(uid, key).then(() => {}),
    [uid, demo.line.authKey]
  )
}

/** What `fetchPresignedUrl` of the page's SDK gives. @returns {Promise<string>} */
export function presigned(page, url) {
  return page.evaluate((url) => CometChat.fetchPresignedUrl(url), url)
}

/**
 * Puts a URL into a new `<img>`. @returns {Promise<number>} `naturalWidth`, 0 if it did not load
 */
export function showImage(page, url) {
  return page.evaluate(async (url) => {
    const image = document.body.appendChild(new Image())
    await new Promise((resolve) => {
      image.onload = image.onerror = resolve
      image.src = url
    })
    return image.naturalWidth
  }, url)
}

/**
 * Resolves a clean URL and shows it; if it does not load, resolves it again once.
 *
 * @returns {Promise<number>} `naturalWidth`, 0 if it did not load the second time either
 */
export async function showByTheSeedsLoop(page, url) {
  const width = await showImage(page, await presigned(page, url))
  return width || showImage(page, await presigned(page, url))
}

/**
 * Puts a URL into a new `<video>` or `<audio>`, and seeks to its middle.
 *
 * @returns {Promise<{readyState: number, duration: number, position: number, error: number}>}
 *   `error` is 0 if it plays, otherwise the element's error code
 */
export function playMiddle(page, kind, url) {
  return page.evaluate(
    async ([kind, url]) => {
      const element = document.body.appendChild(document.createElement(kind))
      const next = (event) =>
        new Promise((resolve) => {
          element.addEventListener(event, resolve, { once: true })
          element.addEventListener('error', resolve, { once: true })
        })
      element.muted = true
      element.preload = 'auto'
      const loaded = next('loadeddata')
      element.src = url
      await loaded
      if (!element.error) {
        const seeked = next('seeked')
        element.currentTime = element.duration / 2
        await seeked
      }
      return {
        readyState: element.readyState,
        duration: element.duration,
        position: element.currentTime,
        error: element.error?.code ?? 0
      }
    },
    [kind, url]
  )
}

/** Asks for a URL as a page's own code would. @returns {Promise<{status: number, reason?: string}>} */
export function ask(page, url) {
  return page.evaluate(async (url) => {
    const response = await fetch(url, { cache: 'no-store' })
    if (response.ok) return { status: response.status }
    const { error } = await response.json()
    return { status: response.status, reason: error.details?.reason }
  }, url)
}

/** The media URL without any credential. @param {string} url */
export function clean(url) {
  return url.split('?')[0]
}
