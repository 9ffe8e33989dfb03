/** Renders openapi.json, the document of this same server, and nothing from anywhere else. */

const METHODS = ['head', 'get', 'post', 'put', 'patch', 'delete']
const PLACES = { path: 'in the path', query: 'in the query', header: 'header' }

/**
 * An element with attributes and children; texts never become markup.
 *
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string | undefined)} children
 */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children.filter((child) => child !== undefined))
  return made
}

/** A text whose `code` stands in back quotes, as the document's descriptions have it. */
function prose(name, text, attributes = {}) {
  const parts = text.split('`').map((part, index) => (index % 2 ? element('code', {}, part) : part))
  return element(name, attributes, ...parts)
}

const json = (value) => JSON.stringify(value, null, 2)
const block = (text) => element('pre', { tabindex: '0' }, element('code', {}, text))
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`

/** What a `$ref` names. */
function resolve(whole, node) {
  if (!node?.$ref) return node
  return node.$ref
    .slice(2)
    .split('/')
    .reduce((at, key) => at?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], whole)
}

/** The calls in the order of the document. */
function callsOf(whole) {
  const calls = []
  for (const [path, item] of Object.entries(whole.paths))
    for (const method of METHODS) {
      const call = item[method]
      if (!call) continue
      const id = `${method}${path}`.replace(/[^A-Za-z0-9]+/g, '-').replace(/-$/, '')
      const origin = (call.servers ?? item.servers ?? whole.servers)[0].url.replace(/\/$/, '')
      calls.push({ ...call, id, path, method, origin, tag: call.tags?.[0] ?? 'other' })
    }
  return calls
}

/** The schemes that each open a call by themselves. */
const schemes = (call) => (call.security ?? []).flatMap(Object.keys)

function whoAsks(whole, call) {
  const names = schemes(call)
  if (!names.length) return element('p', {}, 'Everybody.')
  const list = element('dl')
  for (const name of names) {
    const scheme = whole.components.securitySchemes?.[name] ?? {}
    const header = scheme.type === 'http' ? 'Authorization: Bearer' : scheme.name ?? name
    list.append(element('dt', {}, element('code', {}, header)), prose('dd', scheme.description ?? ''))
  }
  return list
}

function parametersOf(whole, call) {
  const list = element('dl')
  for (const raw of call.parameters ?? []) {
    const { name, in: place, required, description = '' } = resolve(whole, raw)
    const where = `${PLACES[place] ?? place}${required ? ', required' : ''}`
    list.append(
      element('dt', {}, element('code', {}, name), ` (${where})`),
      prose('dd', description)
    )
  }
  return list.childElementCount ? list : undefined
}

/** Each example of a body, with its type where there are several. */
function examplesOf(whole, content = {}) {
  return Object.entries(content).flatMap(([type, media]) => {
    const named = Object.entries(media.examples ?? {}).map(([name, example]) => ({
      type,
      name,
      value: resolve(whole, example)?.value
    }))
    return media.example === undefined ? named : [{ type, name: '', value: media.example }, ...named]
  })
}

const shown = ({ value }) => block(typeof value === 'string' ? value : json(value))

function answersOf(whole, call) {
  const parts = []
  for (const [status, raw] of Object.entries(call.responses).sort()) {
    const answer = resolve(whole, raw)
    if (!/^2/.test(status)) continue
    parts.push(element('h4', {}, `Answer ${status}`))
    if (answer.description) parts.push(prose('p', answer.description))
    parts.push(...examplesOf(whole, answer.content).map(shown))
  }
  return parts
}

function errorsOf(whole, call) {
  const list = element('dl')
  for (const [status, raw] of Object.entries(call.responses).sort()) {
    if (!/^[45]/.test(status)) continue
    for (const { name, value } of examplesOf(whole, resolve(whole, raw).content)) {
      const message = value?.error?.message ?? ''
      list.append(
        element('dt', {}, `${status} `, element('code', {}, name || value?.error?.code || '')),
        prose('dd', message)
      )
    }
  }
  return list.childElementCount ? list : undefined
}

/** The example of a parameter in the path, or its name in braces. */
function example(whole, call, name) {
  const found = (call.parameters ?? []).map((raw) => resolve(whole, raw)).find((it) => it.name === name)
  return found?.example ?? found?.schema?.example ?? `{${name}}`
}

function curlOf(whole, call) {
  const path = call.path.replace(/\{([^}]+)\}/g, (_, name) => example(whole, call, name))
  const words = ['curl', '-X', call.method.toUpperCase(), quoted(`${call.origin}${path}`)]
  const headers = (call.parameters ?? [])
    .map((raw) => resolve(whole, raw))
    .filter((it) => it.in === 'header' && it.required)
    .map((it) => `${it.name}: ${it.name === 'appid' ? 'myapp' : '…'}`)
  const [scheme] = schemes(call)
  const credential = whole.components.securitySchemes?.[scheme]
  if (credential?.type === 'http') headers.push('Authorization: Bearer …')
  else if (credential) headers.push(`${credential.name}: …`)
  const body = examplesOf(whole, call.requestBody?.content).find((it) => it.type.endsWith('json'))
  if (body) headers.push('content-type: application/json')
  for (const header of headers) words.push('-H', quoted(header))
  if (body) words.push('-d', quoted(JSON.stringify(body.value)))
  return words.join(' ')
}

function curlBlock(text) {
  const button = element('button', { type: 'button' }, 'Copy')
  const pre = block(text)
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text)
      button.textContent = 'Copied'
    } catch {
      // No clipboard outside https and loopback: the text is selected instead.
      getSelection()?.selectAllChildren(pre)
      button.textContent = 'Selected'
    }
  })
  return element('div', { class: 'curl' }, pre, button)
}

/** What opens under a call; made when it is first opened. */
function body(whole, call) {
  const section = (title, content) => (content ? [element('h4', {}, title), content] : [])
  const [, ...rest] = (call.description ?? '').split('\n\n')
  const examples = examplesOf(whole, call.requestBody?.content)
  const requests = examples.flatMap((it) => [
    element('p', { class: 'quiet' }, element('code', {}, it.type)),
    shown(it)
  ])
  return element(
    'div',
    {},
    ...[call.summary ? call.description ?? '' : rest.join('\n\n')]
      .filter(Boolean)
      .flatMap((text) => text.split('\n\n').map((part) => prose('p', part))),
    ...section('Who asks', whoAsks(whole, call)),
    ...section('Parameters', parametersOf(whole, call)),
    ...(requests.length ? [element('h4', {}, 'Body'), ...requests] : []),
    ...section('On the command line', curlBlock(curlOf(whole, call))),
    ...answersOf(whole, call),
    ...section('Errors', errorsOf(whole, call))
  )
}

function row(whole, call) {
  const method = element('span', { class: `method ${call.method}` }, call.method.toUpperCase())
  const heading = element('h3', {}, method, ' ', element('code', {}, call.path))
  if (call.deprecated) heading.classList.add('deprecated')
  const line = call.summary ?? (call.description ?? '').split('\n\n')[0]
  const summary = element('summary', {}, heading, prose('p', line))
  const details = element('details', { class: 'call', id: call.id }, summary)
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) details.append(body(whole, call))
    if (details.open) history.replaceState(null, '', `#${call.id}`)
  })
  return details
}

/** All words that a search may name. */
function wordsOf(call) {
  const codes = Object.values(call.responses).flatMap((answer) =>
    Object.values(answer.content ?? {}).flatMap((media) => Object.keys(media.examples ?? {}))
  )
  const own = [call.method, call.path, call.tag, call.summary, call.description, ...codes]
  return own.join(' ').toLowerCase()
}

function render(whole) {
  const calls = callsOf(whole)
  const about = new Map((whole.tags ?? []).map((tag) => [tag.name, tag.description ?? '']))
  const tags = [...new Set([...about.keys(), ...calls.map((call) => call.tag)])]
  const entries = []
  const main = document.getElementById('calls')
  const links = element('ul')
  for (const tag of tags) {
    const own = calls.filter((call) => call.tag === tag)
    if (!own.length) continue
    const id = `group-${tag.replace(/[^A-Za-z0-9]+/g, '-')}`
    const group = element('section', { 'aria-labelledby': id }, element('h2', { id }, tag))
    if (about.get(tag)) group.append(prose('p', about.get(tag), { class: 'quiet' }))
    for (const call of own) {
      const details = row(whole, call)
      entries.push({ group, details, words: wordsOf(call) })
      group.append(details)
    }
    links.append(element('li', {}, element('a', { href: `#${id}` }, tag)))
    main.append(group)
  }
  document.getElementById('groups').append(links)
  document.getElementById('title').textContent = `${whole.info.title} REST API`
  const text = prose('p', `${whole.info.description} Generated from the code: `, { id: 'about' })
  text.append(element('a', { href: 'openapi.json' }, 'openapi.json'), '.')
  document.getElementById('about').replaceWith(text)
  return entries
}

function filter(entries, sought) {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean)
  let found = 0
  for (const entry of entries) {
    const fits = words.every((word) => entry.words.includes(word))
    entry.details.hidden = !fits
    if (fits) found += 1
  }
  for (const { group } of entries) group.hidden = !group.querySelector('details:not([hidden])')
  const status = `${found} of ${entries.length} calls`
  document.getElementById('found').textContent = found ? status : `${status}: no call has these words`
}

function open() {
  const target = document.getElementById(location.hash.slice(1))
  if (!(target instanceof HTMLDetailsElement)) return
  target.open = true
  target.scrollIntoView()
}

try {
  const answer = await fetch('openapi.json')
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
  const entries = render(await answer.json())
  const search = document.getElementById('search')
  search.addEventListener('input', () => filter(entries, search.value))
  filter(entries, search.value)
  addEventListener('hashchange', open)
  open()
} catch (error) {
  document.getElementById('about').textContent = `openapi.json could not be shown: ${error.message}`
}
