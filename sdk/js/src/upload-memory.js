/** @import { AppStorage } from './storage.js' */

const KEY = 'uploads'
/** More are forgotten, the oldest first: their files are sent from their start. */
const MOST = 50

/**
 * Which uploads have begun, so that one goes on after a pause, and after a reload of the page when
 * the user gives the same file again.
 */
export class UploadMemory {
  #storage
  /** Those of this page, by file. @type {WeakMap<Blob, string>} */
  #here = new WeakMap()

  /** @param {AppStorage} storage */
  constructor(storage) {
    this.#storage = storage
  }

  /**
   * @param {Blob} file
   * @param {string | null} fingerprint
   * @returns {string | null} id of the upload that was begun
   */
  find(file, fingerprint) {
    const id = this.#here.get(file) ?? this.#storage.read(KEY)?.[fingerprint ?? '']
    return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) ? id : null
  }

  /**
   * @param {Blob} file
   * @param {string | null} fingerprint
   * @param {string} id
   */
  remember(file, fingerprint, id) {
    this.#here.set(file, id)
    if (fingerprint === null) return
    const { [fingerprint]: _, ...others } = this.#storage.read(KEY) ?? {}
    const entries = [...Object.entries(others), [fingerprint, id]].slice(-MOST)
    this.#storage.write(KEY, Object.fromEntries(entries))
  }

  /**
   * @param {Blob} file
   * @param {string | null} fingerprint
   */
  forget(file, fingerprint) {
    this.#here.delete(file)
    const { [fingerprint ?? '']: id, ...others } = this.#storage.read(KEY) ?? {}
    if (id === undefined) return
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
