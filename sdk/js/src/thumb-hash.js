/**
 * Reads a ThumbHash: a picture of some 25 bytes (evanw.github.io/thumbhash).
 *
 * ```text
 * bits  0–23  mean lightness 6, mean p 6, mean q 6, scale of lightness 5, has alpha 1
 * bits 24–39  waves across the shorter side 3, scale of p 6, scale of q 6, is landscape 1
 * bits 40–47  only with alpha: mean alpha 4, scale of alpha 4
 * then        4 bits for each wave, of lightness, p, q and alpha
 * ```
 *
 * A channel is a sum of cosines. Lightness, p (yellow–blue) and q (red–green) give the colour.
 */

/** @typedef {[number, number, number, number]} Rgba red, green and blue of 0–255, alpha of 0–1 */

/** Value of a channel at a place, both of 0–1. @typedef {(x: number, y: number) => number} Channel */

/** A hash with fewer bytes holds no picture. */
const SHORTEST = 5

/**
 * Colours of a ThumbHash on a grid, row by row.
 *
 * @param {string} base64
 * @param {number} columns
 * @param {number} rows
 * @returns {Rgba[] | null} `null` if it is none
 */
export function thumbHashColours(base64, columns, rows) {
  /** @type {string} */
  let hash
  try {
    hash = atob(base64)
  } catch {
    return null
  }
  if (hash.length < SHORTEST) return null
  const bits = (/** @type {number} */ from, /** @type {number} */ count) => {
    let value = 0
    for (let bit = from + count; bit-- > from;) {
      value = value * 2 + ((hash.charCodeAt(bit >> 3) >> (bit & 7)) & 1)
    }
    return value
  }
  const hasAlpha = bits(23, 1)
  const longer = hasAlpha ? 5 : 7
  const shorter = Math.max(3, bits(24, 3))
  const isLandscape = bits(39, 1)
  let at = hasAlpha ? 48 : 40

  /**
   * @param {number} mean
   * @param {number} scale
   * @param {number} across
   * @param {number} [down]
   * @returns {Channel}
   */
  const channel = (mean, scale, across, down = across) => {
    /** @type {[number, number, number][]} */
    const waves = []
    for (let j = 0; j < down; j += 1) {
      for (let i = j ? 0 : 1; i * down < across * (down - j); i += 1) {
        waves.push([i, j, 2 * scale * (bits(at, 4) / 7.5 - 1)])
        at += 4
      }
    }
    return (x, y) =>
      waves.reduce(
        (sum, [i, j, wave]) => sum + wave * Math.cos(Math.PI * i * x) * Math.cos(Math.PI * j * y),
        mean
      )
  }
  const lightness = channel(
    bits(0, 6) / 63,
    bits(18, 5) / 31,
    isLandscape ? longer : shorter,
    isLandscape ? shorter : longer
  )
  // Colour was written a quarter stronger than it is, to keep it from fading.
  const yellow = channel(bits(6, 6) / 31.5 - 1, (bits(27, 6) / 63) * 1.25, 3)
  const red = channel(bits(12, 6) / 31.5 - 1, (bits(33, 6) / 63) * 1.25, 3)
  const alpha = hasAlpha ? channel(bits(40, 4) / 15, bits(44, 4) / 15, 5) : () => 1
  return Array.from({ length: columns * rows }, (_, index) => {
    const x = ((index % columns) + 0.5) / columns
    const y = (Math.floor(index / columns) + 0.5) / rows
    const l = lightness(x, y)
    const q = red(x, y)
    const b = l - (2 / 3) * yellow(x, y)
    const r = (3 * l - b + q) / 2
    return [to255(r), to255(r - q), to255(b), within01(alpha(x, y))]
  })
}

/** @param {number} value */
function within01(value) {
  return Math.min(1, Math.max(0, value))
}

/** @param {number} value */
function to255(value) {
  return Math.round(255 * within01(value))
}
