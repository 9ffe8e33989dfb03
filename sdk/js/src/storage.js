/** @import { KeyValueStorage } from './effects.js' */

/**
 * A storage that lasts as long as the page or process.
 *
 * @returns {KeyValueStorage}
 */
export function memoryStorage() {
  /** @type {Map<string, string>} */
  const items = new Map()
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key)
  }
}

/** JSON values of one app, under keys that start with its id. */
export class AppStorage {
  #storage
  #prefix

  /**
   * @param {KeyValueStorage} storage
   * @param {string} appId
   */
  constructor(storage, appId) {
    this.#storage = storage
    this.#prefix = `cloakroom:${appId}:`
  }

  /**
   * @param {string} name
   * @returns {Record<string, unknown> | null} `null` if there is none, or none that can be read
   */
  read(name) {
    try {
      const value = JSON.parse(this.#storage.getItem(this.#prefix + name) ?? 'null')
      return typeof value === 'object' && !Array.isArray(value) ? value : null
    } catch {
      return null
    }
  }

  /**
   * @param {string} name
   * @param {object} value
   */
  write(name, value) {
    try {
      this.#storage.setItem(this.#prefix + name, JSON.stringify(value))
    } catch {
      // A full or forbidden storage costs the session its survival of a reload, nothing more.
    }
  }

  /** @param {string} name */
  remove(name) {
    try {
      this.#storage.removeItem(this.#prefix + name)
    } catch {
      // As above.
    }
  }
}
