/**
 * One event of a stream (HTML Living Standard, server-sent events).
 *
 * @typedef {{ name: string, data: string }} StreamEvent
 */

/**
 * Reads server-sent events until the stream ends. Comments, ids and times are passed over.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {(event: StreamEvent) => void} onEvent
 * @returns {Promise<void>} when the server ended it
 */
export async function readEvents(body, onEvent) {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let name = ''
  /** @type {string[]} */
  let data = []
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [, field, text = ''] = /^(event|data): ?(.*)/s.exec(line) ?? []
      if (field === 'event') name = text.trim()
      else if (field) data.push(text)
      else if (!line) {
        if (data[0] !== undefined) onEvent({ name, data: data.join('\n') })
        name = ''
        data = []
      }
    }
  }
}
