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
export type Rgba = [number, number, number, number];
export type Channel = (x: number, y: number) => number;
/**
 * @param {string} base64
 * @returns {((x: number, y: number) => Rgba) | null} colour at a place, both of 0–1; `null` if it is no
 *   ThumbHash
 */
export declare function readThumbHash(base64: string): ((x: number, y: number) => Rgba) | null;
