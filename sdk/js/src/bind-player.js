import { Binding } from './binding.js'
import { boundElements } from './bindings.js'
import { copyTracks, once, playerState, trackModes } from './player-state.js'
import { sourceOf } from './source-of.js'

/** @import { App } from './app.js' */
/** @import { Opens } from './open-media.js' */
/** @import { BindOptions, MediaState, MediaStateDetail, Surface, SurfaceHooks } from './binding.js' */
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
  const { url } = sourceOf(medium, options)
  const surface = new PlayerSurface(player, player)
  return new Binding(surface, [{ url, width: Infinity }], options)
}

/** A `<video>` or `<audio>`. @implements {Surface} */
export class PlayerSurface {
  /** @type {HTMLMediaElement} */
  player
  #stop = new AbortController()
  #listening = new AbortController()
  /** What it did before it lost its source. @type {PlayerState | null} */
  #before = null
  /** Whether an error is ours to mend. */
  #isLoaded = false
  /** @type {SurfaceHooks | undefined} */
  hooks

  /**
   * @param {HTMLElement} element whose place decides
   * @param {HTMLMediaElement} player
   * @param {(state: MediaState, detail: MediaStateDetail) => void} [onState]
   */
  constructor(element, player, onState) {
    this.element = element
    this.player = player
    this.onState = (/** @type {MediaState} */ state, /** @type {MediaStateDetail} */ detail) => {
      // What was taken back does not start by itself when it is given again.
      if (state === 'gone' && this.#before) this.#before.isPlaying = false
      if (onState) onState(state, detail)
      else this.player.dataset['cloak'] = state
    }
    this.#listen()
  }

  /** @param {HTMLMediaElement} player that takes the place of the present one */
  replace(player) {
    this.player = player
    this.#listen()
  }

  /** Hears from the present player. */
  #listen() {
    this.#listening.abort()
    const { signal } = (this.#listening = new AbortController())
    boundElements.add(this.player)
    const failed = (/** @type {Event} */ event) => {
      if (event.target !== this.player) return // a text track of it
      event.stopImmediatePropagation()
      if (!this.#isLoaded) return
      this.#remember()
      this.#isLoaded = false
      this.hooks?.interrupted()
    }
    this.player.addEventListener('error', failed, { capture: true, signal })
    for (const type of ['pause', 'ended']) {
      this.player.addEventListener(type, () => this.hooks?.quiet(), { signal })
    }
  }

  /**
   * @param {Opens} opens
   * @param {App} _app
   */
  async show({ url }, _app) {
    this.#stop.abort()
    const { signal } = (this.#stop = new AbortController())
    if (this.#isLoaded && this.player.getAttribute('src') === url) return
    if (this.#isLoaded) await this.renew(url, signal)
    else await this.#start(url, signal)
    this.#isLoaded = true
  }

  /**
   * Goes on by another URL.
   *
   * @param {string} url
   * @param {AbortSignal} signal
   */
  async renew(url, signal) {
    this.#remember()
    await this.#start(url, signal)
  }

  /**
   * @param {string} url
   * @param {AbortSignal} signal
   */
  async #start(url, signal) {
    const { player } = this
    const { playbackRate } = player
    const modes = trackModes(player)
    this.#isLoaded = false
    player.src = url
    if (player.preload === 'none' && this.#before === null) return
    await once(player, 'loadedmetadata', signal)
    copyTracks(modes, player)
    const before = this.#before
    this.#before = null
    if (before === null) return
    player.playbackRate = playbackRate
    player.currentTime = before.time
    if (before.isPlaying) await player.play().catch(() => {})
  }

  /** Plays as soon as there is something to play. */
  playWhenShown() {
    this.#before = { time: 0, ...this.#before, isPlaying: true }
  }

  hide() {
    this.#stop.abort()
    if (this.#isLoaded) this.#remember()
    this.#isLoaded = false
    this.player.removeAttribute('src')
    this.player.load()
  }

  #remember() {
    this.#before = playerState(this.player)
  }

  isBusy() {
    return playerState(this.player).isPlaying
  }

  /** @param {Opens} opens */
  renewAt({ expiresAt }) {
    return expiresAt - RENEW_EARLY_SECONDS
  }

  release() {
    this.#listening.abort()
    boundElements.delete(this.player)
  }
}
