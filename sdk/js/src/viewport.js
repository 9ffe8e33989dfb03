/**
 * What an element hears of its place.
 *
 * @typedef {object} Place
 * @property {(isNear: boolean) => void} onNear when it comes near the viewport, or leaves it
 * @property {() => void} onResize
 */

/** @typedef {{ intersection: IntersectionObserver, resize: ResizeObserver }} Observers */

/** @type {WeakMap<Element, Place>} */
const places = new WeakMap()
/** By margin. @type {Map<string, Observers>} */
const observers = new Map()

/**
 * Tells whether an element is near the viewport, or near what a scrolling box shows.
 *
 * @param {Element} element
 * @param {string} margin how near, as in `rootMargin`
 * @param {Place} place
 * @returns {() => void} stops telling
 */
export function observePlace(element, margin, place) {
  if (typeof IntersectionObserver === 'undefined') {
    place.onNear(true)
    return () => {}
  }
  const { intersection, resize } = observersOf(margin)
  places.set(element, place)
  intersection.observe(element)
  resize.observe(element)
  return () => {
    intersection.unobserve(element)
    resize.unobserve(element)
    places.delete(element)
  }
}

/**
 * @param {string} margin
 * @returns {Observers}
 */
function observersOf(margin) {
  const known = observers.get(margin)
  if (known !== undefined) return known
  // `scrollMargin` does for boxes that scroll inside the page what `rootMargin` does for the page.
  const options = { rootMargin: margin, scrollMargin: margin }
  const made = {
    intersection: new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) places.get(target)?.onNear(isIntersecting)
    }, options),
    resize: new ResizeObserver((entries) => {
      for (const { target } of entries) places.get(target)?.onResize()
    })
  }
  observers.set(margin, made)
  return made
}
