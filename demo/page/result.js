import { element } from './dom.js'
import { sentence } from './words.js'

/**
 * A status as a badge: colour, number and word together, so that colour alone says nothing.
 *
 * @param {number} status
 */
export function badge(status) {
  const open = status >= 200 && status < 400
  return element('span', {
    class: 'badge',
    'data-tone': open ? 'good' : 'bad',
    text: status === 0 ? 'no answer' : `${status} ${open ? 'open' : 'refused'}`,
  })
}

/**
 * What came of one request: badge, sentence, reason code.
 *
 * @param {import('./probe.js').Answer} answer
 * @param {string} [words] replaces the sentence
 */
export function result(answer, words) {
  return element(
    'div',
    {
      class: 'result',
      'data-testid': 'result',
      'data-status': answer.status,
      'data-reason': answer.reason,
      'data-code': answer.code,
    },
    badge(answer.status),
    element('span', { class: 'result-words', text: words ?? sentence(answer) }),
    answer.reason ? element('code', { class: 'result-code', text: answer.reason }) : null,
  )
}
