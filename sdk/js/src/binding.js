import { addBinding, neighbours } from './bindings.js'
import { appOf } from './clients.js'
import { createTimer } from './effects.js'
import { CometChatException, sessionEnded } from './exception.js'
import { fitting } from './media-source.js'
import { openMedia, whyRefused } from './open-media.js'
import { retryDelay } from './renewal-time.js'

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
 * @property {readonly Candidate[]} candidates versions of the medium, the narrowest first
 * @property {(opens: Opens, app: App, signal: AbortSignal) => Promise<unknown>} show resolves when it can
 *   be seen; rejects with an `Event` or nothing if it could not be loaded, or was given up
 * @property {(isGone: boolean) => void} hide gives the URL back, and keeps the room
 * @property {() => boolean} [isBusy] whether it stays although nobody sees it, as what plays does
 * @property {number} [early] how long before its URL ends it needs another one, in seconds; left out
 *   if what it loaded lasts
 * @property {((state: MediaState, detail: MediaStateDetail) => void) | undefined} [onState] left out, `data-cloak`
 *   of the element says it
 * @property {() => void} [release] takes every listener away
 * @property {Binding} [binding] that it belongs to
 */

/**
 * One element that shows one medium, from its approach to the viewport to its removal.
 *
 * @typedef {object} Binding
 * @property {MediaState} state
 * @property {string} wanted URL of the version that fits
 * @property {App | null} app whose session it is
 * @property {() => void} again tries again now
 * @property {() => void} refresh loads what it may have waited for: a login, the network, the end of
 *   a sleep, a sharper screen
 * @property {() => void} release lets the element go: nothing is observed, watched or loaded any more
 * @property {() => void} interrupted tells it that what is shown could not go on, as when its URL has
 *   expired
 * @property {() => void} quiet tells it that the element is busy no more
 */

/**
 * @typedef {object} BindOptions
 * @property {object | undefined} [client] whose session it is; the client that was initialised last if left out
 * @property {string | undefined} [margin] how near to the viewport it loads, as in `rootMargin`; half a screen
 *   if left out
 */

/**
 * Keeps one element showing one medium.
 *
 * @param {HTMLElement} element whose place decides, and where events are dispatched
 * @param {Surface} surface
 * @param {BindOptions} options
 * @returns {Binding}
 */
export function bind(element, surface, { client, margin = '50%' }) {
  /** By what the version that is shown was loaded. @type {Opens & Candidate | undefined} */
  let shown
  /** @type {MediaState} */
  let state = 'idle'
  let isNear = false
  /** Of the load under way: once aborted, what comes of that one is void. */
  let round = new AbortController()
  let isRetry = false
  let failures = 0
  /** Whether asking again may help after an error. */
  let mayHelp = false
  /** For whom it was loaded. @type {Session | null} */
  let session = null
  /** Of renewals and retries. */
  const timer = createTimer(globalThis)
  let stopWatch = () => {}

  /** @type {Binding} */
  const binding = {
    app: null,

    get state() {
      return state
    },

    get wanted() {
      return fit()?.url ?? ''
    },

    again() {
      failures = 0
      isRetry = false
      void load()
    },

    refresh() {
      findApp()
      const present = binding.app?.sessions.current ?? null
      if (present !== session) {
        // Whoever is logged in now may not be allowed what was shown to another.
        if (present) leave('idle')
        else if (isUsed()) leave('gone', sessionEnded())
      }
      if (state === 'error' && mayHelp) binding.again()
      else if (state === 'shown') {
        renewWhenDue()
        resized()
      } else place(isNear)
    },

    release() {
      stopPlace()
      removeBinding()
      leave('idle')
      surface.release?.()
    },

    interrupted() {
      if (binding.app && state === 'shown') void failed(binding.app, newRound(), shown)
    },

    quiet: () => place(isNear)
  }

  const removeBinding = addBinding(binding, element)
  const stopPlace = observePlace(element, margin, place, resized)
  findApp()
  return (surface.binding = binding)

  function findApp() {
    const app = (binding.app = appOf(client))
    if (app) app.presigned.lookAhead = (asked, most) => neighbours(app, asked, most)
  }

  function fit() {
    return fitting(surface.candidates, element)
  }

  function isUsed() {
    return state !== 'idle' && state !== 'gone'
  }

  /** @param {boolean} near */
  function place(near) {
    isNear = near
    if (near) {
      if (state === 'idle') void load()
    } else if (isUsed() && !surface.isBusy?.()) leave('idle')
  }

  function resized() {
    if (state === 'shown' && (fit()?.width ?? 0) > (shown?.width ?? Infinity)) void load()
  }

  function newRound() {
    timer()
    stopWatch()
    round.abort()
    return (round = new AbortController()).signal
  }

  /** @param {string} [used] the URL that was refused, or is about to end */
  async function load(used) {
    const { app } = binding
    const candidate = fit()
    if (!app?.sessions.current || !candidate) return
    const signal = newRound()
    const { url } = candidate
    session = app.sessions.current
    if (state !== 'shown') set('loading')
    const clean = app.clean(url)
    if (clean)
      stopWatch = app.watchClean(clean, ({ reason }) =>
        leave('gone', reason === 'gone' ? takenBack() : sessionEnded())
      )
    /** @type {Opens | undefined} */
    let opens
    try {
      opens = await openMedia(app, url, used)
      if (signal.aborted) return
      // For those who watch, such as `<cloak-inspector>`.
      tell('cloak-load', {
        url: clean ?? url,
        by: /[?&]fat=/.test(opens.url) ? 'fat' : opens.url.includes('?') ? 'presigned' : 'none',
        why: isRetry ? 'retry' : used ? 'renewal' : 'first'
      })
      await surface.show(opens, app, signal)
      if (signal.aborted) return
      shown = { ...candidate, ...opens }
      failures = 0
      isRetry = false
      set('shown')
      renewWhenDue()
    } catch (error) {
      await failed(app, signal, opens, error)
    }
  }

  /**
   * @param {string} type
   * @param {MediaLoadDetail | MediaStateDetail} detail
   */
  function tell(type, detail) {
    element.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }))
  }

  /**
   * @param {App} app
   * @param {AbortSignal} signal
   * @param {Opens | undefined} opens what did not load
   * @param {unknown} [error]
   */
  async function failed(app, signal, opens, error) {
    if (signal.aborted) return
    const isTold = error instanceof CometChatException
    const why = isTold ? error : opens ? await whyRefused(app, opens.url) : null
    if (signal.aborted) return
    if (!isRetry && (opens || why?.retry)) {
      isRetry = true
      return load(opens?.url)
    }
    const problem = why ?? unreadable()
    isRetry = false
    failures += 1
    surface.hide(false)
    set('error', problem)
    mayHelp = problem.retry
    if (!mayHelp) return stopWatch()
    timer(retryDelay(failures), () => {
      if (isNear) void load()
      else leave('idle')
    })
  }

  function renewWhenDue() {
    const { app } = binding
    if (!app || !shown || !surface.early) return
    const { url, expiresAt } = shown
    // Not at once even if it is late: an answer that is due again must not become a loop.
    timer(Math.max(1, expiresAt - surface.early - app.clock.now()), () => load(url))
  }

  /**
   * @param {'idle' | 'gone'} next
   * @param {CometChatException} [problem]
   */
  function leave(next, problem) {
    newRound()
    shown = undefined
    isRetry = false
    surface.hide(next === 'gone')
    set(next, problem)
  }

  /**
   * @param {MediaState} next
   * @param {CometChatException} [problem]
   */
  function set(next, problem) {
    if (next === state && !problem) return
    state = next
    const { wanted, again } = binding
    /** @type {MediaStateDetail} */
    const detail = { state, url: binding.app?.clean(wanted) ?? wanted, again }
    if (problem) {
      const { code, reason, retry, message } = problem
      Object.assign(detail, { code, reason, retry, message })
    }
    if (surface.onState) surface.onState(state, detail)
    else element.dataset['cloak'] = state
    tell('cloak-state', detail)
    if (problem) tell('cloak-error', detail)
  }
}

/**
 * Tells whether an element is near the viewport, or near what a scrolling box shows.
 *
 * @param {Element} element
 * @param {string} margin how near, as in `rootMargin`
 * @param {(isNear: boolean) => void} onNear when it comes near, or leaves
 * @param {() => void} onResize
 * @returns {() => void} stops telling
 */
function observePlace(element, margin, onNear, onResize) {
  if (typeof IntersectionObserver === 'undefined') {
    onNear(true)
    return () => {}
  }
  const place = new IntersectionObserver(
    (entries) => onNear(entries.at(-1)?.isIntersecting === true),
    // `scrollMargin` does for boxes that scroll inside the page what `rootMargin` does for the page.
    { rootMargin: margin, scrollMargin: margin }
  )
  const size = new ResizeObserver(onResize)
  place.observe(element)
  size.observe(element)
  return () => {
    place.disconnect()
    size.disconnect()
  }
}

function takenBack() {
  const details = { reason: 'gone' }
  return new CometChatException('ERR_MEDIA_GONE', 'it was taken back, or is out of reach', details)
}

function unreadable() {
  return new CometChatException('ERR_MEDIA_UNREADABLE', 'it opens, but cannot be shown here')
}
