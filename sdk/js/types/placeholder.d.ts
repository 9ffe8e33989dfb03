/**
 * The background that stands for a picture until it is there. Gradients alone: no image is made, so
 * that every Content-Security-Policy allows it.
 *
 * @param {HTMLElement} element
 * @param {string | null | undefined} thumbHash in base64
 * @returns {() => void} takes it away
 */
export declare function showPlaceholder({ style }: HTMLElement, thumbHash: string | null | undefined): () => void;
