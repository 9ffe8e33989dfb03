import { addBinding, neighbours, removeBinding } from './bindings.js'
import { appOf } from './clients.js'
import { CometChatException, sessionEnded } from './exception.js'
import { fitting } from './media-source.js'
import { openMedia, whyRefused } from './open-media.js'
import { retryDelay } from './renewal-time.js'
import { observePlace } from './viewport.js'

/** @import { App } from './app.js' */
/** @import { Opens } from './open-media.js' */
/** @import { Candidate } from './media-source.js' */
/** @import { Session } from './session.js' */

/**
 * `idle`: far from the viewport, or nobody is logged in. `loading`. `shown`. `error`: it could not
 * be loaded. `gone`: it was taken back, or the session has ended.
 *
 * @typedef {'idle' | 'loading' | 'shown' | 'error' | 'gone'} MediaState
 */

/**
 * Detail of the events `cloak-state` and `cloak-error`.
 *
 * @typedef {object} MediaStateDetail
 * @property {MediaState} state
 * @property {string} url media URL without any credential
 * @property {string} [code] stable code, if something is wrong
 * @property {string} [reason] the rule that refused, such as `not_permitted`
 * @property {boolean} [retry] whether it is tried again by itself
 * @property {string} [message] what is wrong, in words
 * @property {() => void} again tries again now
 */

/**
 * Detail of the event `cloak-load`: a medium is about to be loaded.
 *
 * @typedef {object} MediaLoadDetail
 * @property {string} url of the version that is loaded, without any credential
 * @property {'fat' | 'presigned' | 'none'} by by which credential
 * @property {'first' | 'renewal' | 'retry'} why
 */

/**
 * How one kind of element shows a medium.
 *
 * @typedef {object} Surface
 * @property {HTMLElement} element whose place decides, and where events are dispatched
 * @property {(opens: Opens, app: App) => Promise<void>} show resolves when it can be seen; rejects
 *   with an `Event` or nothing if it could not be loaded
 * @property {() => void} hide gives the URL back, and keeps the room
 * @property {() => boolean} isBusy whether it stays although nobody sees it, as what plays does
 * @property {(opens: Opens) => number} renewAt when it needs another URL, in seconds by the
 *   server's clock; `Infinity` if what it loaded lasts
 * @property {(state: MediaState, detail: MediaStateDetail) => void} onState
 * @property {() => void} release takes every listener away
 * @property {SurfaceHooks | undefined} [hooks] set by the binding
 */

/**
 * What a surface tells its binding.
 *
 * @typedef {object} SurfaceHooks
 * @property {() => void} interrupted what is shown could not go on, as when its URL has expired
 * @property {() => void} quiet it is busy no more
 */

/**
 * @typedef {object} BindOptions
 * @property {object} [client] whose session it is; the client that was initialised last if left out
 * @property {string} [margin] how near to the viewport it loads, as in `rootMargin`; half a screen
 *   if left out
 */

const HALF_A_SCREEN = '50%'

/** Keeps one element showing one medium, from its approach to the viewport to its removal. */
export class Binding {
  #surface
  #options
  #stopPlace
  /** @type {readonly Candidate[]} */
  #candidates
  /** @type {Candidate | undefined} what is loaded */
  #loaded
  /** @type {Opens | null} by what it was loaded */
  #opens = null
  /** @type {MediaState} */
  #state = 'idle'
  #isNear = false
  /** Counts loads: what belongs to an earlier one is void. */
  #round = 0
  #isRetry = false
  #failures = 0
  /** Whether asking again may help after an error. */
  #mayHelp = false
  /** @type {Session | null} for whom it was loaded */
  #session = null
  /** @type {unknown} */
  #timer = null
  #stopWatch = () => {}
  /** @type {App | null} */
  app = null

  /**
   * @param {Surface} surface
   * @param {readonly Candidate[]} candidates versions of the medium, the narrowest first
   * @param {BindOptions} options
   */
  constructor(surface, candidates, options) {
    this.#surface = surface
    this.#options = options
    this.#candidates = candidates
    surface.hooks = {
      interrupted: () => this.#interrupted(),
      quiet: () => this.#place(this.#isNear)
    }
    addBinding(this)
    this.#stopPlace = observePlace(surface.element, options.margin ?? HALF_A_SCREEN, {
      onNear: (isNear) => this.#place(isNear),
      onResize: () => this.#resized()
    })
    this.#findApp()
  }

  /** @returns {MediaState} */
  get state() {
    return this.#state
  }

  /** @returns {string} URL of the version that fits */
  get wanted() {
    return this.#fitting()?.url ?? ''
  }

  /** Tries again now. */
  again() {
    this.#failures = 0
    this.#isRetry = false
    void this.#load()
  }

  /** Loads what it may have waited for: a login, the network, the end of a sleep. */
  refresh() {
    this.#findApp()
    const session = this.app?.sessions.current ?? null
    const isUsed = this.#state !== 'idle' && this.#state !== 'gone'
    if (session === null && isUsed) this.#leave('gone', sessionEnded())
    // Whoever is logged in now may not be allowed what was shown to another.
    else if (session !== null && session !== this.#session) this.#leave('idle')
    if (this.#state === 'error' && this.#mayHelp) this.again()
    else if (this.#state === 'shown') this.#renewWhenDue()
    else if (this.#isNear && this.#state === 'idle') void this.#load()
  }

  /** Lets the element go: nothing is observed, watched or loaded any more. */
  release() {
    this.#stopPlace()
    removeBinding(this)
    this.#leave('idle')
    this.#surface.release()
  }

  #findApp() {
    this.app = appOf(this.#options.client)
    const { app } = this
    if (app) app.batch.lookAhead = (asked, most) => neighbours(app, asked, most)
  }

  #fitting() {
    const pixels = this.#surface.element.offsetWidth * (globalThis.devicePixelRatio || 1)
    return fitting(this.#candidates, pixels)
  }

  /** @param {boolean} isNear */
  #place(isNear) {
    this.#isNear = isNear
    if (isNear && this.#state === 'idle') void this.#load()
    const mayLeave = this.#state !== 'idle' && this.#state !== 'gone'
    if (!isNear && mayLeave && !this.#surface.isBusy()) this.#leave('idle')
  }

  #resized() {
    const width = this.#loaded?.width ?? Infinity
    if (this.#state === 'shown' && (this.#fitting()?.width ?? 0) > width) void this.#load()
  }

  /** @param {string | null} [used] the URL that was refused, or is about to end */
  async #load(used = null) {
    const { app } = this
    const candidate = this.#fitting()
    if (!app?.sessions.current || candidate === undefined) return
    const round = ++this.#round
    this.#session = app.sessions.current
    app.effects.clearTimeout(this.#timer)
    if (this.#state !== 'shown') this.#set('loading')
    this.#watch(app, candidate.url)
    /** @type {Opens | undefined} */
    let opens
    try {
      opens = await openMedia(app, candidate.url, used)
      if (round !== this.#round) return
      this.#tellLoad(app, candidate.url, opens, used)
      await this.#surface.show(opens, app)
      if (round !== this.#round) return
      this.#loaded = candidate
      this.#failures = 0
      this.#isRetry = false
      this.#set('shown')
      this.#opens = opens
      this.#renewWhenDue()
    } catch (error) {
      if (round === this.#round) await this.#failed(app, opens, error)
    }
  }

  /**
   * Tells those who watch for it, such as `<cloak-inspector>`, what is loaded and why.
   *
   * @param {App} app
   * @param {string} url
   * @param {Opens} opens
   * @param {string | null} used
   */
  #tellLoad(app, url, opens, used) {
    const by = /[?&]fat=/.test(opens.url) ? 'fat' : opens.url.includes('?') ? 'presigned' : 'none'
    const why = this.#isRetry ? 'retry' : used === null ? 'first' : 'renewal'
    /** @type {MediaLoadDetail} */
    const detail = { url: app.clean(url) ?? url, by, why }
    this.#tell('cloak-load', detail)
  }

  /**
   * @param {string} type
   * @param {MediaLoadDetail | MediaStateDetail} detail
   */
  #tell(type, detail) {
    const { element } = this.#surface
    element.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }))
  }

  #interrupted() {
    if (this.app === null || this.#state !== 'shown') return
    this.#round += 1
    void this.#failed(this.app, this.#opens ?? undefined, null)
  }

  /**
   * @param {App} app
   * @param {Opens | undefined} opens what did not load
   * @param {unknown} error
   */
  async #failed(app, opens, error) {
    const round = this.#round
    const isTold = error instanceof CometChatException
    const why = isTold ? error : opens ? await whyRefused(app, opens.url) : null
    if (round !== this.#round) return
    if (!this.#isRetry && (opens !== undefined || why?.retry)) {
      this.#isRetry = true
      return this.#load(opens?.url)
    }
    const problem = why ?? unreadable()
    this.#isRetry = false
    this.#failures += 1
    this.#surface.hide()
    this.#set('error', problem)
    this.#mayHelp = problem.retry
    if (!problem.retry) return this.#stopWatch()
    const wait = retryDelay(this.#failures) * 1000
    this.#timer = app.effects.setTimeout(() => {
      if (this.#isNear) void this.#load()
      else this.#leave('idle')
    }, wait)
  }

  #renewWhenDue() {
    const { app } = this
    const opens = this.#opens
    if (!app || !opens) return
    const wait = (this.#surface.renewAt(opens) - app.clock.now()) * 1000
    if (wait === Infinity) return
    app.effects.clearTimeout(this.#timer)
    // Not at once even if it is late: an answer that is due again must not become a loop.
    this.#timer = app.effects.setTimeout(() => void this.#load(opens.url), Math.max(1000, wait))
  }

  /**
   * @param {App} app
   * @param {string} url
   */
  #watch(app, url) {
    this.#stopWatch()
    const clean = app.clean(url)
    if (clean === null) return
    this.#stopWatch = app.watchClean(clean, ({ reason }) => {
      this.#leave('gone', reason === 'gone' ? takenBack() : sessionEnded())
    })
  }

  /**
   * @param {'idle' | 'gone'} state
   * @param {CometChatException} [problem]
   */
  #leave(state, problem) {
    this.#round += 1
    this.app?.effects.clearTimeout(this.#timer)
    this.#stopWatch()
    this.#loaded = undefined
    this.#opens = null
    this.#isRetry = false
    this.#surface.hide()
    this.#set(state, problem)
  }

  /**
   * @param {MediaState} state
   * @param {CometChatException} [problem]
   */
  #set(state, problem) {
    if (state === this.#state && problem === undefined) return
    this.#state = state
    const url = this.app?.clean(this.wanted) ?? this.wanted
    /** @type {MediaStateDetail} */
    const detail = { state, url, again: () => this.again() }
    if (problem !== undefined) {
      const { code, reason, retry, message } = problem
      Object.assign(detail, { code, reason, retry, message })
    }
    this.#surface.onState(state, detail)
    this.#tell('cloak-state', detail)
    if (problem !== undefined) this.#tell('cloak-error', detail)
  }
}

function takenBack() {
  const details = { reason: 'gone', retry: false }
  return new CometChatException('ERR_MEDIA_GONE', 'it was taken back, or is out of reach', details)
}

function unreadable() {
  return new CometChatException('ERR_MEDIA_UNREADABLE', 'it opens, but cannot be shown here')
}
