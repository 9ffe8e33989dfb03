/**
 * @param {string} json
 * @returns {any} an object; an empty one if it is none
 */
export function parseObject(json) {
  try {
    const value = JSON.parse(json)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>} whether it is an object, and no list
 */
export function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
