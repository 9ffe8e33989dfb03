/** @import { MediaState } from './binding.js' */

const STATES = ['idle', 'loading', 'shown', 'error', 'gone']

/**
 * Media that a page showed before anybody listened.
 *
 * @param {Document} document
 * @returns {{ element: Element, detail: { url: string, state: MediaState } }[]}
 */
export function mediaElements(document) {
  const found = document.querySelectorAll(
    'cloak-img, cloak-video, cloak-audio, cloak-file, [data-cloak]'
  )
  return [...found].flatMap((element) => {
    const state = element.getAttribute('state') ?? element.getAttribute('data-cloak') ?? 'idle'
    const url = element.getAttribute('src') ?? element.getAttribute('href') ?? ''
    if (url === '' || !STATES.includes(state)) return []
    return [{ element, detail: { url, state: /** @type {MediaState} */ (state) } }]
  })
}
