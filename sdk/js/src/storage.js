import { isObject } from './json.js'

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

/** @typedef {ReturnType<typeof createStorage>} AppStorage */

/**
 * JSON values of one app, under keys that start with its id.
 *
 * @param {KeyValueStorage} storage
 * @param {string} appId
 */
export function createStorage(storage, appId) {
  const prefix = `cloakroom:${appId}:`
  return {
    /**
     * @param {string} name
     * @returns {Record<string, unknown> | null} `null` if there is none, or none that can be read
     */
    read(name) {
      try {
        const value = JSON.parse(storage.getItem(prefix + name) ?? '')
        return isObject(value) ? value : null
      } catch {
        return null
      }
    },

    /**
     * @param {string} name
     * @param {object} [value] left out, it is removed
     */
    write(name, value) {
      try {
        if (value) storage.setItem(prefix + name, JSON.stringify(value))
        else storage.removeItem(prefix + name)
      } catch {
        // A full or forbidden storage costs the session its survival of a reload, nothing more.
      }
    }
  }
}
