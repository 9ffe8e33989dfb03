/**
 * A version of a picture and how wide it is.
 *
 * @typedef {{ url: string, width: number }} Candidate `width` in pixels, `Infinity` if not known
 */

/**
 * What is known of a medium before it is loaded.
 *
 * @typedef {object} MediaSource
 * @property {string} url media URL, with or without a credential
 * @property {number} [width] pixels
 * @property {number} [height] pixels
 * @property {readonly (string | Candidate)[]} [thumbnails] media URLs of smaller pictures of it
 * @property {string} [thumbHash] what is shown until it is there, in base64
 * @property {string} [name] of the file
 */

/** Longest side of the server's thumbnails, in pixels. */
const SIDES = /** @type {const} */ ({ small: 320, medium: 800, large: 1600 })

/**
 * The versions of a picture, the narrowest first.
 *
 * @param {MediaSource} source
 * @returns {Candidate[]} with the original last, which is alone where there are no thumbnails, and for
 *   an animation
 */
export function candidatesOf({ url, width, height, thumbnails = [] }) {
  // Thumbnails stand still.
  if (/\.gif(?:\?|$)/.test(url)) thumbnails = []
  const shrunk = thumbnails.map((it) =>
    typeof it === 'string' ? { url: it, width: widthOf(it, width ?? 1, height ?? 1) } : it
  )
  return [
    ...shrunk.filter((it) => it.width > 0).sort((a, b) => a.width - b.width),
    { url, width: width ?? Infinity }
  ]
}

/**
 * @param {readonly Candidate[]} candidates the narrowest first
 * @param {{ offsetWidth: number }} element where it is shown
 * @returns {Candidate | undefined} the narrowest that is wide enough for the screen, or the widest
 */
export function fitting(candidates, { offsetWidth }) {
  const pixels = offsetWidth * (globalThis.devicePixelRatio || 1)
  return candidates.find(({ width }) => width >= pixels) ?? candidates.at(-1)
}

/**
 * @param {string} url of a thumbnail
 * @param {number} width of the original
 * @param {number} height of the original
 * @returns {number} pixels; 0 if it is none of the server's thumbnails
 */
function widthOf(url, width, height) {
  const name = /_(small|medium|large)\.[a-z0-9]+(?:\?|$)/.exec(url)?.[1]
  if (name === undefined) return 0
  const side = SIDES[/** @type {keyof typeof SIDES} */ (name)]
  return Math.round((side * width) / Math.max(width, height))
}
