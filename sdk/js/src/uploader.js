import { sendBytes } from './send-bytes.js'
import { uploadFile } from './tus-upload.js'
import { UploadMemory, fingerprintOf } from './upload-memory.js'

/** @import { App } from './app.js' */
/** @import { UploadOrder } from './tus-upload.js' */

/** Uploads the files of one batch, and remembers which have begun. */
export class Uploader {
  #app
  #memory

  /** @param {App} app */
  constructor(app) {
    this.#app = app
    this.#memory = new UploadMemory(app.storage)
  }

  /**
   * @param {string} uid who sends it
   * @param {{ receiver: string, receiverType: string }} receiver
   * @param {Omit<UploadOrder, 'fingerprint'>} order
   */
  async upload(uid, receiver, order) {
    const { effects, sessions } = this.#app
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
      { ...order, fingerprint: fingerprintOf(order.file, uid, receiver) }
    )
  }
}
