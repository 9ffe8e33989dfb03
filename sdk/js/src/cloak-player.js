import { Binding } from './binding.js'
import { PlayerSurface } from './bind-player.js'
import { CloakElement, part } from './cloak-element.js'
import { candidatesOf, fitting } from './media-source.js'
import { openMedia } from './open-media.js'

/** @import { App } from './app.js' */
/** @import { Opens } from './open-media.js' */
/** @import { MediaSource } from './media-source.js' */

/** Events of the player that the element passes on. They do not bubble, as theirs do not. */
const EVENTS = [
  ...['play', 'playing', 'pause', 'ended', 'timeupdate', 'seeking', 'seeked', 'waiting'],
  ...['volumechange', 'ratechange', 'durationchange', 'loadedmetadata', 'canplay', 'progress']
]

/**
 * A player that goes on through renewals: a second one is made ready, and takes the first one's
 * place at the same moment of the medium.
 */
class CloakPlayer extends CloakElement {
  /** @type {ElementSurface | null} */
  #surface = null
  #player

  static get passedOn() {
    return ['controls', 'loop', 'muted', 'preload', 'playsinline', 'crossorigin', 'autoplay']
  }

  /** @param {'video' | 'audio'} tag */
  constructor(tag) {
    const player = /** @type {HTMLMediaElement} */ (part(tag, 'media'))
    super(player)
    player.preload = 'metadata'
    this.#player = player
  }

  /** The player inside at this moment: after a renewal it is another one. */
  get player() {
    return this.#surface?.player ?? this.#player
  }

  /** Seconds. */
  get currentTime() {
    return this.player.currentTime
  }

  set currentTime(seconds) {
    this.player.currentTime = seconds
  }

  /** Seconds; `NaN` until it is known. */
  get duration() {
    return this.player.duration
  }

  get paused() {
    return this.player.paused && !this.#surface?.isTrading
  }

  get ended() {
    return this.player.ended
  }

  /** 0–1. */
  get volume() {
    return this.player.volume
  }

  set volume(volume) {
    this.player.volume = volume
  }

  get muted() {
    return this.player.muted
  }

  set muted(muted) {
    this.player.muted = muted
  }

  get playbackRate() {
    return this.player.playbackRate
  }

  set playbackRate(rate) {
    this.player.playbackRate = rate
  }

  get textTracks() {
    return this.player.textTracks
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
    const value = this.getAttribute(name)
    if (value === null) this.player.removeAttribute(name)
    else this.player.setAttribute(name, value)
    if (name === 'muted') this.player.muted = value !== null
  }

  /** @param {MediaSource} source */
  bindTo(source) {
    for (const track of this.querySelectorAll(':scope > track')) {
      if (this.player.childElementCount < this.childElementCount) {
        this.player.append(track.cloneNode())
      }
    }
    this.#surface = new ElementSurface(this, this.player, source)
    return new Binding(this.#surface, [{ url: source.url, width: Infinity }], this.bindOptions)
  }
}

/** `<cloak-video src poster controls …>`: a film that plays on while its URLs are renewed. */
export class CloakVideo extends CloakPlayer {
  constructor() {
    super('video')
  }

  natural() {
    const { videoWidth: width, videoHeight: height } = /** @type {HTMLVideoElement} */ (this.player)
    return width > 0 && height > 0 ? { width, height } : {}
  }
}

/** `<cloak-audio src controls …>`: a sound that plays on while its URLs are renewed. */
export class CloakAudio extends CloakPlayer {
  constructor() {
    super('audio')
  }
}

/** The player inside an element, which a second one may replace. */
class ElementSurface extends PlayerSurface {
  #element
  #source
  /** Whether one player is taking the other one's place: both may be paused for a moment. */
  isTrading = false
  #forwarding = new AbortController()

  /**
   * @param {CloakPlayer} element
   * @param {HTMLMediaElement} player
   * @param {MediaSource} source
   */
  constructor(element, player, source) {
    super(element, player, element.onState)
    this.#element = element
    this.#source = source
    this.#forward()
  }

  /**
   * @param {Opens} opens
   * @param {App} app
   */
  async show(opens, app) {
    void this.#showPoster(app)
    await super.show(opens, app)
  }

  /**
   * @param {string} url
   * @param {AbortSignal} signal
   */
  async renew(url, signal) {
    // Loaded with the first renewal: a short film needs none.
    const swap = await import('./player-swap.js').catch(() => null)
    if (signal.aborted) throw new Event('abort')
    const from = this.player
    if (swap === null || isSingledOut(from)) return super.renew(url, signal)
    const to = /** @type {HTMLMediaElement} */ (from.cloneNode(true))
    for (const name of ['src', 'autoplay', 'poster']) to.removeAttribute(name)
    to.style.cssText = 'position:absolute;inset:0;visibility:hidden;pointer-events:none'
    from.after(to)
    this.isTrading = true
    try {
      await swap.catchUp(from, to, url, signal)
      const hasFocus = from.matches(':focus')
      to.style.cssText = from.style.cssText
      to.muted = from.muted
      to.preload = from.preload
      this.replace(to)
      this.#forward()
      drop(from)
      if (hasFocus) to.focus({ preventScroll: true })
    } catch (error) {
      drop(to)
      if (signal.aborted) throw error
      // It could not be made without a gap: with one, then.
      await super.renew(url, signal)
    } finally {
      this.isTrading = false
    }
  }

  #forward() {
    this.#forwarding.abort()
    const { signal } = (this.#forwarding = new AbortController())
    for (const type of EVENTS) {
      this.player.addEventListener(
        type,
        () => {
          if (!this.isTrading) this.#element.dispatchEvent(new Event(type))
        },
        { signal }
      )
    }
  }

  /** @param {App} app */
  async #showPoster(app) {
    const { thumbnails = [] } = this.#source
    const pixels = this.element.offsetWidth * (globalThis.devicePixelRatio || 1)
    const pictures = candidatesOf(this.#source).filter(({ url }) => url !== this.#source.url)
    const picture = thumbnails.length > 0 ? fitting(pictures, pixels) : undefined
    if (picture === undefined || !(this.player instanceof HTMLVideoElement)) return
    const opens = await openMedia(app, picture.url).catch(() => null)
    if (opens !== null && this.player.readyState === 0) this.player.poster = opens.url
  }

  hide() {
    this.player.removeAttribute('poster')
    super.hide()
  }

  release() {
    this.#forwarding.abort()
    super.release()
  }
}

/**
 * @param {HTMLMediaElement} player
 * @returns {boolean} whether it fills the screen or a window of its own, which another cannot take
 */
function isSingledOut(player) {
  const root = /** @type {ShadowRoot} */ (player.getRootNode())
  return root.fullscreenElement === player || root.pictureInPictureElement === player
}

/** @param {HTMLMediaElement} player */
function drop(player) {
  player.remove()
  player.removeAttribute('src')
  player.load()
}
