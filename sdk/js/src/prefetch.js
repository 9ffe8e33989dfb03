import { candidatesOf } from './media-source.js'
import { openMedia } from './open-media.js'
import { sourceOf } from './source-of.js'

/** @import { App } from './app.js' */
/** @import { BaseMessage } from './messages.js' */

/**
 * @param {App} app
 * @param {readonly BaseMessage[]} messages
 */
export async function prefetch(app, messages) {
  const urls = messages.flatMap((message) =>
    'getAttachments' in message && typeof message.getAttachments === 'function'
      ? message.getAttachments().flatMap(picturesOf)
      : []
  )
  await Promise.all(
    urls.map(async (url) => {
      const opens = await openMedia(app, url).catch(() => null)
      if (opens === null || app.effects.document === null || typeof Image === 'undefined') return
      Object.assign(new Image(), { fetchPriority: 'low', src: opens.url })
    })
  )
}

/** @param {import('./messages.js').Attachment} attachment */
function picturesOf(attachment) {
  const [smallest] = candidatesOf(sourceOf(attachment, {}))
  // A film or a document has no smaller picture of it: nothing is loaded ahead of time.
  const isPicture = attachment.getMimeType().startsWith('image/') || smallest?.width !== Infinity
  return smallest && isPicture ? [smallest.url] : []
}
