/**
 * Shows the background that stands for a picture until it is there. What draws it is loaded with
 * the first one.
 *
 * @param {HTMLElement} element
 * @param {string | undefined} thumbHash in base64
 * @returns {() => void} takes it away
 */
export function showPlaceholder(element, thumbHash) {
  let isWanted = thumbHash !== undefined
  let takeAway = () => {}
  if (thumbHash !== undefined) {
    void import('./placeholder-picture.js').then(
      ({ drawPlaceholder }) => {
        if (isWanted) takeAway = drawPlaceholder(element, thumbHash)
      },
      () => {} // the room is held without it
    )
  }
  return () => {
    isWanted = false
    takeAway()
  }
}
