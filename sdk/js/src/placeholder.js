import { readThumbHash } from './thumb-hash.js'

const COLUMNS = 5
const ROWS = 10

/**
 * The background that stands for a picture until it is there. Gradients alone: no image is made, so
 * that every Content-Security-Policy allows it.
 *
 * @param {string | null | undefined} thumbHash in base64
 * @returns {string} for `background`; empty if there is none
 */
export function placeholderOf(thumbHash) {
  const colourAt = thumbHash && readThumbHash(thumbHash)
  if (!colourAt) return ''
  return Array.from({ length: ROWS }, (_, row) => {
    const css = Array.from({ length: COLUMNS }, (_, column) => {
      const rgba = colourAt((column + 0.5) / COLUMNS, (row + 0.5) / ROWS)
      return `rgba(${rgba.map((it) => it.toFixed(2))})`
    })
    // A little taller than a row: no seam shows between two.
    const size = `100% ${100 / ROWS + 1}%`
    return `linear-gradient(90deg,${css}) 0 ${(row / (ROWS - 1)) * 100}%/${size} no-repeat`
  }).join()
}
