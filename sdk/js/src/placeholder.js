import { thumbHashColours } from './thumb-hash.js'

const COLUMNS = 5
const ROWS = 10

/**
 * The background that stands for a picture until it is there. Gradients alone: no image is made, so
 * that every Content-Security-Policy allows it.
 *
 * @param {HTMLElement} element
 * @param {string | undefined} thumbHash in base64
 * @returns {() => void} takes it away
 */
export function showPlaceholder(element, thumbHash) {
  const colours = thumbHash === undefined ? null : thumbHashColours(thumbHash, COLUMNS, ROWS)
  if (colours === null) return () => {}
  const css = colours.map(([r, g, b, a]) => `rgb(${r} ${g} ${b} / ${a.toFixed(2)})`)
  const rows = Array.from({ length: ROWS }, (_, row) =>
    css.slice(row * COLUMNS, (row + 1) * COLUMNS).join()
  )
  const { style } = element
  style.backgroundImage = rows.map((row) => `linear-gradient(90deg,${row})`).join()
  style.backgroundPosition = rows.map((_, row) => `0 ${(row / (ROWS - 1)) * 100}%`).join()
  // A little taller than a row: no seam shows between two.
  style.backgroundSize = `100% ${100 / ROWS + 1}%`
  style.backgroundRepeat = 'no-repeat'
  return () => {
    for (const part of ['image', 'position', 'size', 'repeat']) {
      style.removeProperty(`background-${part}`)
    }
  }
}
