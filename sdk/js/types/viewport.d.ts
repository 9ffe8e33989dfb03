/**
 * What an element hears of its place.
 *
 * @typedef {object} Place
 * @property {(isNear: boolean) => void} onNear when it comes near the viewport, or leaves it
 * @property {() => void} onResize
 */
export type Place = {
    /**
     * when it comes near the viewport, or leaves it
     */
    onNear: (isNear: boolean) => void;
    onResize: () => void;
};
export type Observers = {
    intersection: IntersectionObserver;
    resize: ResizeObserver;
};
/**
 * Tells whether an element is near the viewport, or near what a scrolling box shows.
 *
 * @param {Element} element
 * @param {string} margin how near, as in `rootMargin`
 * @param {Place} place
 * @returns {() => void} stops telling
 */
export declare function observePlace(element: Element, margin: string, place: Place): () => void;
