/** @import { MediaSource } from './media-source.js' */

/**
 * Keeps the room of an image that has no picture, so that nothing jumps when it comes or goes.
 *
 * @param {HTMLImageElement} image
 * @param {Pick<MediaSource, 'width' | 'height'>} size in pixels, as far as it is known
 * @returns {{ hold: () => void, give: () => void }} `give` leaves the room to the picture
 */
export function holdRoom(image, size) {
  const hold = () => {
    const width = size.width ?? image.naturalWidth
    const height = size.height ?? image.naturalHeight
    if (width === 0 || height === 0) return
    // As attributes: whatever the page's own style says, wins.
    if (!image.hasAttribute('width')) image.setAttribute('width', String(width))
    if (!image.hasAttribute('height')) image.setAttribute('height', String(height))
    image.style.aspectRatio ||= `${width} / ${height}`
    // Without a source an image is a mere inline element, which has no size.
    if (getComputedStyle(image).display === 'inline') image.style.display = 'inline-block'
    // What hides its overflow stands on the line as a picture does, not as its text does.
    image.style.overflow = 'hidden'
  }
  const { display, overflow } = image.style
  hold()
  return { hold, give: () => void Object.assign(image.style, { display, overflow }) }
}
