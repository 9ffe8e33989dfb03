import { playerSurface, unload } from './bind-player.js'
import { CloakElement, make } from './cloak-element.js'
import { candidatesOf, fitting } from './media-source.js'
import { openMedia } from './open-media.js'
import { catchUp } from './player-swap.js'

/** @import { PlayerSurface } from './bind-player.js' */
/** @import { MediaSource } from './media-source.js' */

/** Events of the player that the element passes on. They do not bubble, as theirs do not. */
const EVENTS = [
  ...['play', 'playing', 'pause', 'ended', 'timeupdate', 'seeking', 'seeked', 'waiting'],
  ...['volumechange', 'ratechange', 'durationchange', 'loadedmetadata', 'canplay', 'progress']
]

/** What is the same of the element as of the player inside. */
const SHARED = /** @type {const} */ ([
  ...['currentTime', 'duration', 'ended', 'volume', 'muted', 'playbackRate', 'textTracks']
])

/**
 * @type {Omit<typeof CloakElement, 'prototype'> & (new (medium: HTMLElement) => CloakElement &
 *   Pick<HTMLMediaElement, typeof SHARED[number]>)}
 */
const Shared = /** @type {any} */ (class extends CloakElement {})
for (const name of SHARED) {
  Object.defineProperty(Shared.prototype, name, {
    get() {
      return this.medium[name]
    },
    set(value) {
      this.medium[name] = value
    }
  })
}

/**
 * A player that goes on through renewals: a second one is made ready, and takes the first one's
 * place at the same moment of the medium.
 */
class CloakPlayer extends Shared {
  /** @type {PlayerSurface | undefined} */
  #surface
  /** Whether one player is taking the other one's place: both may be paused for a moment. */
  #isTrading = false

  static passedOn = [
    ...['controls', 'loop', 'muted', 'preload', 'playsinline', 'crossorigin', 'autoplay']
  ]

  /** @param {'video' | 'audio'} tag */
  constructor(tag) {
    super(make(tag, { part: 'media', preload: 'metadata' }))
    const passOn = (/** @type {Event} */ { type, target }) => {
      if (target === this.medium && !this.#isTrading) this.dispatchEvent(new Event(type))
    }
    for (const type of EVENTS) this.frame.addEventListener(type, passOn, true)
  }

  /** The player inside at this moment: after a renewal it is another one. */
  get player() {
    return /** @type {HTMLMediaElement} */ (this.medium)
  }

  get paused() {
    return this.player.paused && !this.#isTrading
  }

  /** Plays now, or as soon as there is something to play. */
  async play() {
    if (this.state === 'shown') await this.player.play()
    else this.#surface?.playWhenShown()
  }

  pause() {
    this.player.pause()
  }

  /** @param {string} name */
  pass(name) {
    super.pass(name)
    if (name === 'muted') this.muted = this.hasAttribute(name)
  }

  /** @param {MediaSource} source */
  surfaceOf(source) {
    for (const track of this.querySelectorAll(':scope > track')) {
      if (this.player.childElementCount < this.childElementCount) {
        this.player.append(track.cloneNode())
      }
    }
    const surface = playerSurface(this.player, source, this.frame)
    this.#surface = surface
    const { show, renew, hide } = surface

    surface.show = (opens, app, signal) => {
      const picture = fitting(candidatesOf(source).slice(0, -1), this)
      if (picture && 'poster' in this.player) {
        void openMedia(app, picture.url).then(
          ({ url }) => {
            if (this.player.readyState === 0) Object.assign(this.player, { poster: url })
          },
          () => {}
        )
      }
      return show(opens, app, signal)
    }

    surface.renew = async (url, signal) => {
      const from = this.player
      if (isSingledOut(from)) return renew(url, signal)
      const to = /** @type {HTMLMediaElement} */ (from.cloneNode(true))
      for (const name of ['src', 'autoplay', 'poster']) to.removeAttribute(name)
      to.style.cssText = 'position:absolute;inset:0;visibility:hidden;pointer-events:none'
      from.after(to)
      this.#isTrading = true
      try {
        await catchUp(from, to, url, signal)
        const hasFocus = from.matches(':focus')
        to.style.cssText = from.style.cssText
        to.muted = from.muted
        to.preload = from.preload
        this.medium = surface.player = to
        drop(from)
        if (hasFocus) to.focus({ preventScroll: true })
      } catch (error) {
        drop(to)
        if (signal.aborted) throw error
        // It could not be made without a gap: with one, then.
        await renew(url, signal)
      } finally {
        this.#isTrading = false
      }
    }

    surface.hide = (isGone) => {
      this.player.removeAttribute('poster')
      hide(isGone)
    }
    return surface
  }
}

/** `<cloak-video src poster controls …>`: a film that plays on while its URLs are renewed. */
export class CloakVideo extends CloakPlayer {
  constructor() {
    super('video')
  }
}

/** `<cloak-audio src controls …>`: a sound that plays on while its URLs are renewed. */
export class CloakAudio extends CloakPlayer {
  constructor() {
    super('audio')
  }
}

/**
 * @param {HTMLMediaElement} player
 * @returns {boolean} whether it fills the screen or a window of its own, which another cannot take
 */
function isSingledOut(player) {
  // Within `:is`, what a browser does not know matches nothing.
  return player.matches(':is(:fullscreen,:picture-in-picture)')
}

/** @param {HTMLMediaElement} player */
function drop(player) {
  player.remove()
  unload(player)
}
