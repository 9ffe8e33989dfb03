/**
 * What a listener would notice if it were lost.
 *
 * @typedef {object} PlayerState
 * @property {number} time seconds
 * @property {boolean} isPlaying
 */

/**
 * @param {HTMLMediaElement} player
 * @returns {PlayerState}
 */
export function playerState(player) {
  return { time: player.currentTime, isPlaying: !player.paused && !player.ended }
}

/**
 * @param {HTMLMediaElement} player
 * @returns {TextTrackMode[]} what each text track does
 */
export function trackModes({ textTracks }) {
  return Array.from(textTracks, ({ mode }) => mode)
}

/**
 * @param {readonly TextTrackMode[]} modes
 * @param {HTMLMediaElement} to
 */
export function copyTracks(modes, to) {
  modes.forEach((mode, index) => {
    const track = to.textTracks[index]
    if (track !== undefined) track.mode = mode
  })
}

/**
 * Waits for an event of an image or player. Nobody else hears that it failed: the page does once
 * there is no way round it.
 *
 * @param {HTMLElement} element
 * @param {string} type
 * @param {AbortSignal} signal
 * @returns {Promise<void>} rejects with the event if the element fails, or when given up
 */
export function once(element, type, signal) {
  return new Promise((resolve, reject) => {
    const done = new AbortController()
    const settle = (/** @type {Event} */ event) => {
      done.abort()
      if (event.type === type) return resolve()
      if (event.type === 'error') event.stopImmediatePropagation()
      reject(event)
    }
    const all = { signal: done.signal, capture: true }
    for (const name of [type, 'error']) element.addEventListener(name, settle, all)
    if (signal.aborted) settle(new Event('abort'))
    else signal.addEventListener('abort', settle, all)
  })
}
