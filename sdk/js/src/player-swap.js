import { copyTracks, once, playerState, trackModes } from './player-state.js'

/** How far ahead of the one that plays the next player is made ready, in seconds of media. */
const LEAD_SECONDS = 0.4
/** Each try leaves twice the time of the one before. */
const TRIES = 4
/** Two players that show the same moment differ by less, in seconds of media. */
const SAME_MOMENT_SECONDS = 0.25
const LOOK_EVERY_MS = 8

/** What one player hands to the next, beside its attributes. */
const KEPT = /** @type {const} */ ([
  'volume',
  'playbackRate',
  'defaultPlaybackRate',
  'preservesPitch'
])

/**
 * Makes a second player show what the first one does, from another URL, without a gap.
 *
 * ```text
 * from  ──playing────────────────▶ │ stops at the meeting point
 * to    loads, seeks ahead, waits  │ plays on; trades places at its first frame
 * ```
 *
 * @param {HTMLMediaElement} from
 * @param {HTMLMediaElement} to a copy of it without a source, beside it and hidden
 * @param {string} url
 * @param {AbortSignal} signal
 * @returns {Promise<void>} when `to` is to trade places with `from`; rejects if it cannot
 */
export async function catchUp(from, to, url, signal) {
  to.muted = true
  to.preload = 'auto'
  to.src = url
  await once(to, 'loadedmetadata', signal)
  for (const name of KEPT) Object.assign(to, { [name]: from[name] })
  copyTracks(trackModes(from), to)
  for (let lead = LEAD_SECONDS, tries = 0; tries < TRIES; lead *= 2, tries += 1) {
    if (await meet(from, to, lead, signal)) return
  }
  throw new Event('abort')
}

/**
 * @param {HTMLMediaElement} from
 * @param {HTMLMediaElement} to
 * @param {number} leadSeconds
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether both are at the same moment, `to` in the state of `from`
 */
async function meet(from, to, leadSeconds, signal) {
  const { isPlaying } = playerState(from)
  const lead = isPlaying ? leadSeconds * from.playbackRate : 0
  const meeting = Math.min(from.currentTime + lead, from.duration || Infinity)
  const seeked = once(to, 'seeked', signal)
  to.currentTime = meeting
  await seeked
  while (to.readyState < to.HAVE_FUTURE_DATA && meeting < to.duration) {
    await once(to, 'canplay', signal)
  }
  if (!isPlaying) return from.paused && Math.abs(from.currentTime - meeting) < SAME_MOMENT_SECONDS
  if (from.currentTime > meeting) return false
  while (from.currentTime < meeting && !from.ended) {
    // Whoever is at the controls paused or went elsewhere: begin again from there.
    if (from.paused || meeting - from.currentTime > lead + SAME_MOMENT_SECONDS) return false
    await pause(signal)
  }
  const playing = to.play()
  from.pause()
  try {
    await playing
    await presented(to, signal)
    while (to.currentTime < from.currentTime && !to.ended) await pause(signal)
  } catch (error) {
    to.pause()
    void from.play().catch(() => {})
    throw error
  }
  return true
}

/** @param {AbortSignal} signal */
async function pause(signal) {
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  if (signal.aborted) throw new Event('abort')
}

/**
 * Waits until a player has shown a frame after this moment, or played on where it shows none.
 *
 * @param {HTMLMediaElement} player
 * @param {AbortSignal} signal
 * @returns {Promise<unknown>}
 */
function presented(player, signal) {
  // A hidden page presents no frames: there the time that goes on has to do.
  return Promise.race([
    once(player, 'timeupdate', signal),
    new Promise((resolve) => {
      ;/** @type {Partial<HTMLVideoElement>} */ (player).requestVideoFrameCallback?.(resolve)
    })
  ])
}
