/** @import { AppStorage } from './storage.js' */

const KEY = 'uploads'
/** More are forgotten, the oldest first: their files are sent from their start. */
const MOST = 50

/**
 * Which uploads have begun, so that one goes on after a reload of the page when the user gives the
 * same file again.
 */
export class UploadMemory {
  #storage

  /** @param {AppStorage} storage */
  constructor(storage) {
    this.#storage = storage
  }

  /**
   * @param {string} fingerprint
   * @returns {string | null} id of the upload that was begun
   */
  find(fingerprint) {
    const id = this.#storage.read(KEY)?.[fingerprint]
    return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) ? id : null
  }

  /**
   * @param {string} fingerprint
   * @param {string} id
   */
  remember(fingerprint, id) {
    const { [fingerprint]: _, ...others } = this.#storage.read(KEY) ?? {}
    const entries = [...Object.entries(others), [fingerprint, id]].slice(-MOST)
    this.#storage.write(KEY, Object.fromEntries(entries))
  }

  /** @param {string} fingerprint */
  forget(fingerprint) {
    const { [fingerprint]: _, ...others } = this.#storage.read(KEY) ?? {}
    if (Object.keys(others).length === 0) this.#storage.remove(KEY)
    else this.#storage.write(KEY, others)
  }
}

/**
 * What a file is known by when it is given again.
 *
 * @param {Blob} file
 * @param {string} uid who sends it
 * @param {{ receiver: string, receiverType: string }} receiver
 * @returns {string | null} `null` if nothing tells it from others
 */
export function fingerprintOf(file, uid, { receiver, receiverType }) {
  if (!('name' in file) || !('lastModified' in file)) return null
  const parts = [uid, receiverType, receiver, file.name, file.type, file.size, file.lastModified]
  return JSON.stringify(parts)
}
