/** @typedef {(url: string) => string} RenderUrl what a media URL reads as now */

/**
 * @param {any} raw user or group as the server sent it
 * @param {RenderUrl} render
 * @returns {any} a copy whose `avatar` and `icon` are getters
 */
export function liveEntity(raw, render) {
  const entity = { ...raw }
  for (const slot of ['avatar', 'icon']) makeLive(entity, slot, render)
  return entity
}

/**
 * Makes one slot read as its URL does at that moment.
 *
 * @param {any} holder
 * @param {string | number} slot
 * @param {RenderUrl} render
 */
export function makeLive(holder, slot, render) {
  const url = holder[slot]
  if (typeof url !== 'string') return
  const get = () => render(url)
  Object.defineProperty(holder, slot, { get, enumerable: true, configurable: true })
}
