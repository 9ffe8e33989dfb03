/**
 * One event of a stream (HTML Living Standard, server-sent events).
 *
 * @typedef {{ name: string | undefined, data: string }} StreamEvent
 */

/**
 * Reads server-sent events of one line of data until the stream ends, each with `\n` or `\r\n` after
 * its lines. Comments, ids and times are passed over.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {(event: StreamEvent) => void} onEvent
 * @returns {Promise<void>} when the server ended it
 */
export async function readEvents(body, onEvent) {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const events = (rest + decoder.decode(value, { stream: true }))
      .replaceAll('\r', '')
      .split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const [name, data] = ['event', 'data'].map(
        (field) => RegExp(`^${field}: ?(.*)`, 'm').exec(event)?.[1]
      )
      if (data) onEvent({ name, data })
    }
  }
}
