import { candidatesOf } from './media-source.js'
import { openMedia } from './open-media.js'
import { sourceOf } from './source-of.js'

/** @import { App } from './app.js' */
/** @import { Attachment, BaseMessage } from './messages.js' */
/** @import { AttachmentLike } from './source-of.js' */

/** A message, of whomever. @typedef {BaseMessage | { getAttachments(): (AttachmentLike & { getMimeType(): string })[] }} WithAttachments */

/**
 * @param {App} app
 * @param {readonly WithAttachments[]} messages
 */
export async function prefetch(app, messages) {
  const attachments = messages.flatMap((it) => /** @type {any} */ (it).getAttachments?.() ?? [])
  await Promise.all(
    attachments.map(async (/** @type {Attachment} */ attachment) => {
      const [smallest] = candidatesOf(sourceOf(attachment))
      // A film or a document has no smaller picture of it: nothing is loaded ahead of time.
      const isPicture = /^image\//.test(attachment.getMimeType()) || smallest?.width !== Infinity
      const opens = smallest && isPicture && (await openMedia(app, smallest.url).catch(() => null))
      if (!opens || !app.effects.document || typeof Image === 'undefined') return
      Object.assign(new Image(), { fetchPriority: 'low', src: opens.url })
    })
  )
}
