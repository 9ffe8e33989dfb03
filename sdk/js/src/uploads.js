import { sendBytes } from './send-bytes.js'
import { AppStorage } from './storage.js'
import { UploadMemory, fingerprintOf } from './upload-memory.js'

/** @import { App } from './app.js' */
/** @import { Attachment } from './messages.js' */
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
  #memory

  /** @param {App} app */
  constructor(app) {
    this.#app = app
    const { appId, effects, settings } = app
    this.#memory = new UploadMemory(new AppStorage(effects.storage(settings.storageMode), appId))
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
    const { effects, sessions } = this.#app
    const uid = String(sessions.current?.user['uid'])
    const { uploadFile } = await import('./tus-upload.js')
    return uploadFile(
      {
        call: (call) => sessions.call(call),
        transfer: async ({ path, headers, ...transfer }) => {
          const { base, headers: ours } = sessions.credentials()
          const url = `${base}/${path}`
          return (effects.sendBytes ?? sendBytes)({
            ...transfer,
            url,
            headers: { ...ours, ...headers }
          })
        },
        memory: this.#memory,
        effects
      },
      { ...order, file, fingerprint: fingerprintOf(file, uid, receiver) }
    )
  }
}
