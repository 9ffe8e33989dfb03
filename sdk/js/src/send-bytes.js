/**
 * Bytes on their way to the server.
 *
 * @typedef {object} Transfer
 * @property {'POST' | 'PATCH'} method
 * @property {string} url
 * @property {Record<string, string>} headers
 * @property {Blob | null} body
 * @property {(sentBytes: number) => void} onProgress called where the runtime tells
 * @property {AbortSignal} signal
 */

/** @typedef {{ status: number, text: string, header: (name: string) => string | null }} Sent */

/**
 * @typedef {(transfer: Transfer) => Promise<Sent>} SendBytes rejects if no answer came, as when the signal
 *   aborts
 */

/**
 * Sends bytes, with progress where the runtime has an `XMLHttpRequest`: `fetch` tells of none.
 *
 * @type {SendBytes}
 */
export async function sendBytes({ method, url, headers, body, onProgress, signal }) {
  if (typeof XMLHttpRequest === 'undefined') {
    const init = { method, headers, body, signal, credentials: /** @type {const} */ ('omit') }
    const response = await fetch(url, init)
    const text = await response.text()
    return { status: response.status, text, header: (name) => response.headers.get(name) }
  }
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    signal.addEventListener('abort', () => request.abort())
    request.upload.onprogress = ({ loaded }) => onProgress(loaded)
    request.onabort = request.onerror = reject
    request.onload = () =>
      resolve({
        status: request.status,
        text: request.responseText,
        header: (name) => request.getResponseHeader(name)
      })
    request.open(method, url)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.send(body)
  })
}
