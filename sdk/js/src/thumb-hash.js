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

/**
 * Red, green and blue of 0–255, alpha of 0–1. What lies beyond them, CSS takes for their end.
 *
 * @typedef {[number, number, number, number]} Rgba
 */

/** Value of a channel at a place, both of 0–1. @typedef {(x: number, y: number) => number} Channel */

/** A hash with fewer bytes holds no picture. */
const SHORTEST = 5

/**
 * @param {string} base64
 * @returns {((x: number, y: number) => Rgba) | null} colour at a place, both of 0–1; `null` if it is no
 *   ThumbHash
 */
export function readThumbHash(base64) {
  /** @type {string} */
  let hash
  try {
    hash = atob(base64)
  } catch {
    return null
  }
  if (hash.length < SHORTEST) return null
  let at = 0
  const read = (/** @type {number} */ count) => {
    let value = 0
    for (let bit = 0; bit < count; bit += 1) {
      value += ((hash.charCodeAt(at >> 3) >> (at & 7)) & 1) << bit
      at += 1
    }
    return value
  }
  const meanL = read(6) / 63
  const meanP = read(6) / 31.5 - 1
  const meanQ = read(6) / 31.5 - 1
  const scaleL = read(5) / 31
  const hasAlpha = read(1)
  const shorter = Math.max(3, read(3))
  // 63, less the quarter by which colour was written stronger than it is, to keep it from fading.
  const scaleP = read(6) / 50.4
  const scaleQ = read(6) / 50.4
  const isLandscape = read(1)
  const meanA = hasAlpha ? read(4) / 15 : 1
  const scaleA = hasAlpha && read(4) / 15
  const longer = hasAlpha ? 5 : 7

  /**
   * @param {number} mean
   * @param {number} scale
   * @param {number} across waves, and as many down unless said otherwise
   * @param {number} [down]
   * @returns {Channel}
   */
  const channel = (mean, scale, across, down = across) => {
    /** @type {[number, number, number][]} */
    const waves = []
    for (let j = 0; j < down; j += 1) {
      for (let i = j ? 0 : 1; i * down < across * (down - j); i += 1) {
        waves.push([i, j, 2 * scale * (read(4) / 7.5 - 1)])
      }
    }
    return (x, y) =>
      waves.reduce(
        (sum, [i, j, wave]) => sum + wave * Math.cos(Math.PI * i * x) * Math.cos(Math.PI * j * y),
        mean
      )
  }
  const lightness = isLandscape
    ? channel(meanL, scaleL, longer, shorter)
    : channel(meanL, scaleL, shorter, longer)
  const yellow = channel(meanP, scaleP, 3)
  const red = channel(meanQ, scaleQ, 3)
  const alpha = channel(meanA, scaleA, 5)
  return (x, y) => {
    const l = lightness(x, y)
    const q = red(x, y)
    const b = l - (2 / 3) * yellow(x, y)
    const r = (3 * l - b + q) / 2
    return [r * 255, (r - q) * 255, b * 255, alpha(x, y)]
  }
}
