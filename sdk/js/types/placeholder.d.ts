/**
 * Shows the background that stands for a picture until it is there. What draws it is loaded with
 * the first one.
 *
 * @param {HTMLElement} element
 * @param {string | undefined} thumbHash in base64
 * @returns {() => void} takes it away
 */
export declare function showPlaceholder(element: HTMLElement, thumbHash: string | undefined): () => void;
