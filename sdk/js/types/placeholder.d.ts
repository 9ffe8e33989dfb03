/**
 * The background that stands for a picture until it is there. Gradients alone: no image is made, so
 * that every Content-Security-Policy allows it.
 *
 * @param {string | null | undefined} thumbHash in base64
 * @returns {string} for `background`; empty if there is none
 */
export declare function placeholderOf(thumbHash: string | null | undefined): string;
