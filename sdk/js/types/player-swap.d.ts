/**
 * Makes a second player show what the first one does, from another URL, without a gap.
 *
 * ```text
 * from  ──playing────────────────▶ │ stops at the meeting point
 * to    loads, seeks ahead, waits  │ plays on; trades places at its first frame
 * ```
 *
 * @param {HTMLMediaElement} from
 * @param {HTMLMediaElement} to a copy of it without a source, beside it and hidden
 * @param {string} url
 * @param {AbortSignal} signal
 * @returns {Promise<void>} when `to` is to trade places with `from`; rejects if it cannot
 */
export declare function catchUp(from: HTMLMediaElement, to: HTMLMediaElement, url: string, signal: AbortSignal): Promise<void>;
