import { Attachment } from './messages.js'

/** @import { App } from './app.js' */
/** @import { Uploader } from './uploader.js' */
/** @import { UploadOrder } from './tus-upload.js' */

/** Files of a message, where the server did not say. */
const FILE_COUNT_MAX = 10

/** What an app allows, as its settings say: `Infinity` where nothing is known. */
export class UploadLimits {
  /** @param {Record<string, unknown>} settings of `PUT me` */
  constructor(settings) {
    const { 'file.size.max': bytes, 'file.count.max': count } = settings
    /** Bytes of one file. */
    this.fileSizeMax = typeof bytes === 'number' ? bytes : Infinity
    /** Files of one message. */
    this.fileCountMax = typeof count === 'number' ? count : FILE_COUNT_MAX
  }
}

/** Where the files of one app go to. */
export class Uploads {
  #app
  /** @type {Uploader | undefined} */
  #uploader

  /** @param {App} app */
  constructor(app) {
    this.#app = app
  }

  /** @returns {UploadLimits} */
  get limits() {
    return new UploadLimits(this.#app.sessions.settings)
  }

  /**
   * @param {Blob} file
   * @param {{ receiver: string, receiverType: string }} receiver
   * @param {Pick<UploadOrder, 'metadata' | 'onProgress' | 'signal'>} order
   * @returns {Promise<Attachment>}
   * @throws {import('./exception.js').CometChatException}
   */
  async upload(file, receiver, order) {
    const uid = String(this.#app.sessions.current?.user['uid'])
    // Loaded with the first file: most pages send none.
    const { Uploader } = await import('./uploader.js')
    this.#uploader ??= new Uploader(this.#app)
    return new Attachment(await this.#uploader.upload(uid, receiver, { ...order, file }))
  }
}
