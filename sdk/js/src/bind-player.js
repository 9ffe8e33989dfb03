import { bind } from './binding.js'
import { onlyOf } from './media-source.js'
import { copyTracks, once, playerState, trackModes } from './player-state.js'
import { sourceOf } from './source-of.js'

/** @import { BindOptions, Binding, Surface } from './binding.js' */
/** @import { MediaSource } from './media-source.js' */
/** @import { PlayerState } from './player-state.js' */
/** @import { AttachmentLike } from './source-of.js' */

/** A URL is replaced this long before it ends, in seconds: what plays must not notice. */
const RENEW_EARLY_SECONDS = 20

/**
 * Keeps a `<video>` or `<audio>` of the page playing a medium. When its URL ends, the player loads
 * another one and goes on where it was, with its volume, speed and text tracks; `<cloak-video>`
 * does that without a gap.
 *
 * @param {HTMLMediaElement} player
 * @param {string | AttachmentLike} medium media URL, or an attachment
 * @param {Omit<MediaSource, 'url'> & BindOptions} [options]
 * @returns {Binding} `release()` it when the element leaves the page
 */
export function bindPlayer(player, medium, options = {}) {
  return bind(player, playerSurface(player, sourceOf(medium, options)), options)
}

/**
 * What shows a medium in a player.
 *
 * @typedef {Surface & {
 *   player: HTMLMediaElement,
 *   replace: (player: HTMLMediaElement) => void,
 *   renew: (url: string, signal: AbortSignal) => Promise<void>,
 *   playWhenShown: () => void,
 *   isBusy: () => boolean,
 *   release: () => void
 * }} PlayerSurface `replace` takes another player in place of the present one, `renew` goes on by
 *   another URL, `playWhenShown` plays as soon as there is something to play
 */

/**
 * @param {HTMLMediaElement} player
 * @param {MediaSource} source
 * @param {Surface['onState']} [onState]
 * @returns {PlayerSurface}
 */
export function playerSurface(player, source, onState) {
  let stop = new AbortController()
  let listening = stop
  /** What it did before it lost its source. @type {PlayerState | null} */
  let before = null
  /** Whether an error is ours to mend. */
  let isLoaded = false

  /** @type {PlayerSurface} */
  const surface = {
    candidates: onlyOf(source),
    early: RENEW_EARLY_SECONDS,
    onState,
    player,

    replace(next) {
      surface.player = player = next
      listening.abort()
      listening = new AbortController()
      const { signal } = listening
      const failed = (/** @type {Event} */ event) => {
        if (event.target !== player || !isLoaded) return // a text track of it, or nothing to mend
        event.stopImmediatePropagation()
        remember()
        isLoaded = false
        surface.binding?.interrupted()
      }
      player.addEventListener('error', failed, { capture: true, signal })
      for (const type of ['pause', 'ended']) {
        player.addEventListener(type, () => surface.binding?.quiet(), { signal })
      }
    },

    async show({ url }) {
      stop.abort()
      const { signal } = (stop = new AbortController())
      if (isLoaded && player.getAttribute('src') === url) return
      await (isLoaded ? surface.renew : start)(url, signal)
      isLoaded = true
    },

    renew(url, signal) {
      remember()
      return start(url, signal)
    },

    playWhenShown() {
      before = { time: 0, ...before, isPlaying: true }
    },

    hide(isGone) {
      stop.abort()
      if (isLoaded) remember()
      isLoaded = false
      // What was taken back does not start by itself when it is given again.
      if (isGone && before) before.isPlaying = false
      unload(player)
    },

    isBusy: () => playerState(player).isPlaying,

    release: () => listening.abort()
  }
  surface.replace(player)
  return surface

  function remember() {
    before = playerState(player)
  }

  /**
   * @param {string} url
   * @param {AbortSignal} signal
   */
  async function start(url, signal) {
    const { playbackRate } = player
    const modes = trackModes(player)
    isLoaded = false
    player.src = url
    if (player.preload === 'none' && !before) return
    await once(player, 'loadedmetadata', signal)
    copyTracks(modes, player)
    if (!before) return
    const { time, isPlaying } = before
    before = null
    player.playbackRate = playbackRate
    player.currentTime = time
    if (isPlaying) await player.play().catch(() => {})
  }
}

/** @param {HTMLMediaElement} player */
export function unload(player) {
  player.removeAttribute('src')
  player.load()
}
