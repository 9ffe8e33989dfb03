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

/** @typedef {{ mean: number, across: number, down: number, waves: number[] }} Channel */

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
  const hash = bytesOf(base64)
  const channels = hash && hash.length >= SHORTEST ? channelsOf(hash) : null
  if (channels === null) return null
  return Array.from({ length: columns * rows }, (_, index) => {
    const x = ((index % columns) + 0.5) / columns
    const y = (Math.floor(index / columns) + 0.5) / rows
    const [l = 0, p = 0, q = 0, a = 1] = channels.map((channel) => valueAt(channel, x, y))
    const blue = l - (2 / 3) * p
    const red = (3 * l - blue + q) / 2
    const [r, g, b] = /** @type {[number, number, number]} */ (
      [red, red - q, blue].map((part) => Math.round(255 * within01(part)))
    )
    return [r, g, b, within01(a)]
  })
}

/** @param {Uint8Array} hash */
function channelsOf(hash) {
  const bits = (/** @type {number} */ from, /** @type {number} */ count) => {
    let value = 0
    for (let bit = from + count - 1; bit >= from; bit -= 1) {
      value = value * 2 + (((hash[bit >> 3] ?? 0) >> (bit & 7)) & 1)
    }
    return value
  }
  const hasAlpha = bits(23, 1) === 1
  const isLandscape = bits(39, 1) === 1
  const longer = hasAlpha ? 5 : 7
  const shorter = Math.max(3, bits(24, 3))
  const [across, down] = isLandscape ? [longer, shorter] : [shorter, longer]
  let at = hasAlpha ? 48 : 40

  /**
   * @param {number} mean
   * @param {number} across
   * @param {number} down
   * @param {number} scale
   */
  const channel = (mean, across, down, scale) => {
    /** @type {number[]} */
    const waves = []
    for (let y = 0; y < down; y += 1) {
      for (let x = y === 0 ? 1 : 0; x * down < across * (down - y); x += 1) {
        waves.push((bits(at, 4) / 7.5 - 1) * scale)
        at += 4
      }
    }
    return { mean, across, down, waves }
  }
  const channels = [
    channel(bits(0, 6) / 63, Math.max(3, across), Math.max(3, down), bits(18, 5) / 31),
    // Colour was written a quarter stronger than it is, to keep it from fading.
    channel(bits(6, 6) / 31.5 - 1, 3, 3, (bits(27, 6) / 63) * 1.25),
    channel(bits(12, 6) / 31.5 - 1, 3, 3, (bits(33, 6) / 63) * 1.25)
  ]
  if (hasAlpha) channels.push(channel(bits(40, 4) / 15, 5, 5, bits(44, 4) / 15))
  return channels
}

/**
 * @param {Channel} channel
 * @param {number} x 0–1
 * @param {number} y 0–1
 */
function valueAt({ mean, across, down, waves }, x, y) {
  let value = mean
  let next = 0
  for (let j = 0; j < down; j += 1) {
    for (let i = j === 0 ? 1 : 0; i * down < across * (down - j); i += 1) {
      value += 2 * (waves[next++] ?? 0) * Math.cos(Math.PI * i * x) * Math.cos(Math.PI * j * y)
    }
  }
  return value
}

/** @param {number} value */
function within01(value) {
  return Math.min(1, Math.max(0, value))
}

/** @param {string} base64 */
function bytesOf(base64) {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  } catch {
    return null
  }
}
