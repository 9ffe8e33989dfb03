import { candidatesOf } from './media-source.js'
import { copyTracks, once, playerState, trackModes } from './player-state.js'

/** @import { Surface } from './binding.js' */
/** @import { MediaSource } from './media-source.js' */
/** @import { PlayerState } from './player-state.js' */

/** A URL is replaced this long before it ends, in seconds: what plays must not notice. */
const RENEW_EARLY_SECONDS = 20

/**
 * What shows a medium in a player.
 *
 * @typedef {Surface & {
 *   player: HTMLMediaElement,
 *   renew: (url: string, signal: AbortSignal) => Promise<void>,
 *   playWhenShown: () => void,
 *   isBusy: () => boolean
 * }} PlayerSurface `player` may be replaced by another one, `renew` goes on by another URL,
 *   `playWhenShown` plays as soon as there is something to play
 */

/**
 * Keeps a `<video>` or `<audio>` playing a medium. When its URL ends, the player loads another one and
 * goes on where it was, with its volume, speed and text tracks; `<cloak-video>` does that without a
 * gap.
 *
 * @param {HTMLMediaElement} player
 * @param {MediaSource} source
 * @param {HTMLElement} [root] the player, or what every player that may replace it is inside of
 * @returns {PlayerSurface}
 */
export function playerSurface(player, source, root = player) {
  const listening = new AbortController()
  /** What it did before it lost its source. @type {PlayerState | null} */
  let before = null
  /** Whether an error is ours to mend. */
  let isLoaded = false

  /** @type {PlayerSurface} */
  const surface = {
    candidates: candidatesOf({ url: source.url }),
    early: RENEW_EARLY_SECONDS,
    player,

    async show({ url }, _app, signal) {
      if (isLoaded && surface.player.getAttribute('src') === url) return
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
      remember()
      // What was taken back does not start by itself when it is given again.
      if (isGone && before) before.isPlaying = false
      unload(surface.player)
    },

    isBusy: () => playerState(surface.player).isPlaying,

    release: () => listening.abort()
  }
  for (const type of ['error', 'pause', 'ended']) {
    root.addEventListener(type, heard, { capture: true, signal: listening.signal })
  }
  return surface

  /** @param {Event} event */
  function heard(event) {
    // A text track of it has errors too, and so has a player that is to replace it.
    if (event.target !== surface.player) return
    if (event.type !== 'error') surface.binding?.quiet()
    else if (isLoaded) {
      event.stopImmediatePropagation()
      remember()
      surface.binding?.interrupted()
    }
  }

  /** What it loses. */
  function remember() {
    if (isLoaded) before = playerState(surface.player)
    isLoaded = false
  }

  /**
   * @param {string} url
   * @param {AbortSignal} signal
   */
  async function start(url, signal) {
    const { player } = surface
    const { playbackRate } = player
    const modes = trackModes(player)
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
