/** @import { CometChatException } from './exception.js' */
/** @import { Attachment } from './messages.js' */

/**
 * @typedef {object} UploadCallbacks
 * @property {(fileId: string, loaded: number, total: number, percent: number) => void} [onFileProgress]
 * @property {(fileId: string, attachment: Attachment) => void} [onFileUploaded]
 * @property {(fileId: string, error: CometChatException) => void} [onFileError] refused for good
 * @property {(fileId: string, error: CometChatException) => void} [onFileFailure] did not arrive,
 *   after several tries: `retryAttachment` goes on where it stopped
 * @property {(result: UploadResult) => void} [onComplete] nothing is on its way, or paused, any more
 */

/**
 * @typedef {object} UploadResult
 * @property {string} batchId
 * @property {{ fileId: string, attachment: Attachment }[]} successful
 * @property {{ fileId: string, error: CometChatException }[]} rejected
 * @property {{ fileId: string, error: CometChatException }[]} failed
 */

/** What an app wants to hear of its uploads. */
export class UploadFileListener {
  /** @param {UploadCallbacks} [callbacks] */
  constructor(callbacks = {}) {
    Object.assign(this, callbacks)
  }
}
