import { appOf, onApps } from './clients.js'
import { mediaElements } from './inspector-page.js'
import { MediaLog } from './inspector-log.js'
import { drawMedium, drawTotals } from './inspector-draw.js'
import { STYLE } from './inspector-style.js'

/** @import { MediaLoadDetail, MediaStateDetail } from './binding.js' */
/** @import { Medium } from './inspector-log.js' */
/** @import { Session } from './session.js' */
/** @import { MediaStatistics } from './media-statistics.js' */

/** Where there are no elements, as on a server, the class can still be imported. */
const Base = /** @type {typeof HTMLElement} */ (
  globalThis.HTMLElement ?? /** @type {unknown} */ (class {})
)

const MARKUP = `
<section class="panel" id="panel" aria-label="Media of this page" hidden>
  <header>
    <h2>Media of this page</h2>
    <dl class="totals"></dl>
    <div class="tools">
      <label>Show <select><option value="all">all media</option><option value="problems">problems</option></select></label>
      <button type="button" class="clear">Clear</button>
    </div>
  </header>
  <p class="empty"></p>
  <ol class="list"></ol>
</section>
<button type="button" class="toggle" aria-expanded="false" aria-controls="panel"></button>
<p class="vh" role="status"></p>
`

/**
 * `<cloak-inspector>`: for each medium on the page, what happened: how it is, what was loaded by
 * which credential, renewals, retries, refusals, confirmed copies and bytes. It shows no secret, and
 * nothing of a session before the present one. `client` adds what the calls of that client cost.
 */
export class CloakInspector extends Base {
  #log = new MediaLog()
  #stop = new AbortController()
  #isDrawing = false
  /** Keys of those whose facts are open. @type {Set<string>} */
  #open = new Set()
  #problems = 0
  /** Whose media are listed; none before the first. @type {Session | null | undefined} */
  #session
  #root

  /** Such as `CometChat`. @type {{ mediaStatistics: () => MediaStatistics } | null} */
  client = null

  constructor() {
    super()
    this.#root = this.attachShadow({ mode: 'open' })
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(STYLE)
    this.#root.adoptedStyleSheets = [sheet]
    this.#root.innerHTML = MARKUP
    this.#part('.toggle').addEventListener('click', () => this.toggle())
    this.#part('select').addEventListener('change', () => this.#draw())
    this.#part('.clear').addEventListener('click', () => {
      this.#log.clear()
      this.#draw()
    })
    this.#part('.panel').addEventListener('keydown', (event) => {
      if (event instanceof KeyboardEvent && event.key === 'Escape') this.toggle(false)
    })
    onApps(() => this.#look())
  }

  connectedCallback() {
    const { signal } = (this.#stop = new AbortController())
    const { document } = globalThis
    this.#look()
    for (const { element, detail } of mediaElements(document)) {
      this.#log.noteState(detail, element, Date.now())
    }
    document.addEventListener(
      'cloak-state',
      (event) => {
        // A binding may hear of another session first.
        this.#look()
        const { detail } = /** @type {CustomEvent<MediaStateDetail>} */ (event)
        this.#log.noteState(detail, elementOf(event), Date.now())
        this.#drawSoon()
      },
      { signal }
    )
    document.addEventListener(
      'cloak-load',
      (event) => {
        const { detail } = /** @type {CustomEvent<MediaLoadDetail>} */ (event)
        this.#log.noteLoad(detail, elementOf(event), Date.now())
        this.#drawSoon()
      },
      { signal }
    )
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        this.#log.noteTiming(/** @type {PerformanceResourceTiming} */ (entry))
      }
      this.#drawSoon()
    })
    observer.observe({ type: 'resource', buffered: true })
    signal.addEventListener('abort', () => observer.disconnect())
    this.#draw()
  }

  disconnectedCallback() {
    this.#stop.abort()
  }

  /** What it knows, the medium that was heard of last first. @returns {Medium[]} */
  get media() {
    return this.#log.media
  }

  /** @param {boolean} [open] left out: the other way round */
  toggle(open = this.#part('.panel').hidden === true) {
    this.#part('.panel').hidden = !open
    const button = this.#part('.toggle')
    button.setAttribute('aria-expanded', String(open))
    this.#draw()
    if (!open) button.focus()
  }

  /** What belonged to a session that is over is forgotten; what is still shown tells how it ended. */
  #look() {
    const present = appOf(this.client)?.sessions.current
    if (present === this.#session) return
    this.#session = present
    this.#log.clear()
    this.#draw()
  }

  /** @param {string} selector */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.#root.querySelector(selector))
  }

  /** Many things happen in one frame: they are drawn once. */
  #drawSoon() {
    if (this.#isDrawing) return
    this.#isDrawing = true
    requestAnimationFrame(() => {
      this.#isDrawing = false
      this.#draw()
    })
  }

  #draw() {
    const { media } = this.#log
    const problems = media.filter(isProblem)
    this.#part('.toggle').replaceChildren(
      `Media: ${media.length}`,
      ...(problems.length > 0 ? [strong(counted(problems.length))] : [])
    )
    if (problems.length !== this.#problems) {
      this.#problems = problems.length
      this.#part('[role=status]').textContent = counted(problems.length)
    }
    if (this.#part('.panel').hidden) return
    drawTotals(this.#part('.totals'), media, this.client?.mediaStatistics() ?? null)
    const wanted = /** @type {HTMLSelectElement} */ (this.#part('select')).value
    const shown = wanted === 'problems' ? problems : media
    const empty = this.#part('.empty')
    empty.hidden = shown.length > 0
    empty.textContent = media.length > 0 ? 'No problems.' : 'No medium has been shown yet.'
    this.#drawList(shown)
  }

  /** @param {Medium[]} media */
  #drawList(media) {
    const list = this.#part('.list')
    const focused = this.#root.activeElement?.closest('li')?.dataset['key']
    const { scrollTop } = list
    list.replaceChildren(
      ...media.map((medium) => {
        const item = drawMedium(medium, this.#open.has(medium.key))
        item.querySelector('details')?.addEventListener('toggle', ({ target }) => {
          const isOpen = target instanceof HTMLDetailsElement && target.open
          if (isOpen) this.#open.add(medium.key)
          else this.#open.delete(medium.key)
        })
        return item
      })
    )
    list.scrollTop = scrollTop
    if (focused === undefined) return
    for (const item of list.children) {
      if (item instanceof HTMLElement && item.dataset['key'] === focused) {
        item.querySelector('summary')?.focus({ preventScroll: true })
      }
    }
  }
}

/** @param {Medium} medium */
function isProblem({ state }) {
  return state === 'error' || state === 'gone'
}

/** @param {number} problems */
function counted(problems) {
  return problems === 1 ? '1 problem' : `${problems} problems`
}

/** @param {string} text */
function strong(text) {
  const element = document.createElement('b')
  element.textContent = text
  return element
}

/** The element that shows it, also in a shadow tree. @param {Event} event */
function elementOf(event) {
  const [first] = event.composedPath()
  return first instanceof Element ? first : null
}
