/**
 * What a listener would notice if it were lost.
 *
 * @typedef {object} PlayerState
 * @property {number} time seconds
 * @property {boolean} isPlaying
 */

/** What one player hands to the next. */
const KEPT = /** @type {const} */ ([
  'volume',
  'muted',
  'playbackRate',
  'defaultPlaybackRate',
  'loop'
])

/**
 * @param {HTMLMediaElement} player
 * @returns {PlayerState}
 */
export function playerState(player) {
  return { time: player.currentTime, isPlaying: !player.paused && !player.ended }
}

/**
 * Gives a player the volume, speed and text tracks of another one.
 *
 * @param {HTMLMediaElement} from
 * @param {HTMLMediaElement} to
 */
export function copySettings(from, to) {
  for (const name of KEPT) Object.assign(to, { [name]: from[name] })
  if ('preservesPitch' in from) to.preservesPitch = from.preservesPitch
  copyTracks(trackModes(from), to)
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
 * Waits for an event of a player.
 *
 * @param {HTMLMediaElement} player
 * @param {string} type
 * @param {AbortSignal} signal
 * @returns {Promise<void>} rejects with the event if the player fails, or when given up
 */
export function once(player, type, signal) {
  return new Promise((resolve, reject) => {
    const done = new AbortController()
    const settle = (/** @type {Event} */ event) => {
      done.abort()
      if (event.type === type) resolve()
      else reject(event)
    }
    const all = { signal: done.signal, capture: true }
    for (const name of [type, 'error']) player.addEventListener(name, settle, all)
    if (signal.aborted) settle(new Event('abort'))
    else signal.addEventListener('abort', settle, all)
  })
}

/**
 * Waits until a player has shown a frame after this moment, or played on where it shows none.
 *
 * @param {HTMLMediaElement} player
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function presented(player, signal) {
  const events = once(player, 'timeupdate', signal)
  // A hidden page presents no frames: there the time that goes on has to do.
  if (!('requestVideoFrameCallback' in player) || document.hidden) return events
  const frame = new Promise((resolve) => {
    const video = /** @type {HTMLVideoElement} */ (player)
    const handle = video.requestVideoFrameCallback(resolve)
    signal.addEventListener('abort', () => video.cancelVideoFrameCallback(handle), { once: true })
  })
  events.catch(() => {})
  return Promise.race([frame.then(() => {}), events])
}
