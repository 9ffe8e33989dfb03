/** @import { Medium } from './inspector-log.js' */
/** @import { MediaStatistics } from './media-statistics.js' */

const BY = { fat: 'File Access Token', presigned: 'presigned URL', none: 'no credential' }

/**
 * @param {HTMLElement} list `<dl>`
 * @param {Medium[]} media
 * @param {MediaStatistics | null} statistics of the client, if one was given
 */
export function drawTotals(list, media, statistics) {
  const sum = (/** @type {(medium: Medium) => number} */ of) =>
    media.reduce((total, medium) => total + of(medium), 0)
  const facts = {
    loads: sum(({ loads }) => loads.loads),
    '304s': sum(({ loads }) => loads.notModified),
    bytes: size(sum(({ loads }) => loads.bytesLoaded)),
    ...(statistics === null
      ? { renewals: sum(({ renewals }) => renewals) }
      : { presigns: statistics.presignCalls })
  }
  list.replaceChildren(
    ...Object.entries(facts).map(([name, value]) => {
      return element('div', '', element('dt', '', name), element('dd', '', String(value)))
    })
  )
}

/**
 * @param {Medium} medium
 * @param {boolean} isOpen
 * @returns {HTMLLIElement}
 */
export function drawMedium(medium, isOpen) {
  const item = document.createElement('li')
  item.dataset['key'] = medium.key
  const details = document.createElement('details')
  details.open = isOpen
  const { loads, code, reason } = medium
  const isRefused = medium.state === 'error' || medium.state === 'gone'
  details.append(
    element(
      'summary',
      '',
      element('span', `state ${medium.state}`, medium.state),
      element('span', 'name', nameOf(medium)),
      element('span', 'short', loads.loads > 0 ? size(loads.bytesLoaded) : ''),
      ...(isRefused && code !== null ? [element('span', 'why', reason ?? code)] : [])
    ),
    drawFacts(medium)
  )
  item.append(details)
  return item
}

/** @param {Medium} medium */
function drawFacts(medium) {
  const { loads, lines } = medium
  const refusal = [medium.code, medium.reason].filter((it) => it !== null).join(', ')
  const facts = {
    URL: medium.url,
    'opened by': medium.by === null ? 'not yet' : BY[medium.by],
    version: medium.version ?? 'none yet',
    renewals: medium.renewals,
    retries: medium.retries,
    'last refusal': refusal === '' ? 'none' : `${refusal}: ${medium.message}`,
    loads: `${loads.loads}, of these ${loads.notModified} confirmed by a 304`,
    bytes: `${size(loads.bytesLoaded)} loaded, ${size(loads.bytesSaved)} saved`
  }
  const list = document.createElement('dl')
  for (const [name, value] of Object.entries(facts)) {
    list.append(element('dt', '', name), element('dd', '', String(value)))
  }
  const happened = element(
    'ol',
    'lines',
    ...lines.map(({ at, text }) => element('li', '', element('time', '', time(at)), text))
  )
  happened.setAttribute('aria-label', 'What happened')
  happened.tabIndex = 0
  const show = element('button', '', 'Show it on the page')
  show.setAttribute('type', 'button')
  show.addEventListener('click', () => pointAt(medium))
  return element('div', 'facts', list, happened, show)
}

/** The beginning of an id tells files apart. @param {Medium} medium */
function nameOf({ url }) {
  const name = url.split('/').at(-1) ?? url
  return name.replace(/^([0-9a-f]{12})[0-9a-f]{20}/, '$1…')
}

/** Brings an element into view, and marks it for a moment. @param {Medium} medium */
function pointAt({ element }) {
  const target = element?.deref()
  if (!(target instanceof HTMLElement)) return
  target.scrollIntoView({ block: 'center' })
  target.animate([{ outline: '4px solid #d9480f' }, { outline: '4px solid #d9480f' }], 1500)
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {...(Node | string)} children
 */
function element(tag, className, ...children) {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  made.append(...children)
  return made
}

/** @param {number} at milliseconds since 1970 UTC */
function time(at) {
  return new Date(at).toTimeString().slice(0, 8)
}

/** @param {number} bytes */
function size(bytes) {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
