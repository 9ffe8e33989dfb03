import { CometChat } from '/sdk/index.js'
import { element, byId } from './dom.js'
import { Medium } from './media.js'
import { Session } from './session.js'
import { size, span } from './words.js'

/** @type {import('./session.js').Config} */ let config
/** @type {Session | null} */ let session = null
/** @type {{id: string, name: string, group: boolean} | null} */ let conversation = null
/** @type {Medium[]} */ let media = []
let turn = 0

start().catch((error) => notice(`The demo could not start: ${error.message}. Is the server still running?`, 'bad'))

async function start() {
  config = await (await fetch('/config.json')).json()
  const link = byId('dashboard-link')
  link.href = config.dashboardUrl
  link.hidden = false
  byId('users').replaceChildren(...config.users.map(person))
  for (const mode of ['embedded', 'header']) {
    byId(`mode-${mode}`).addEventListener('click', () => go({ mode }))
  }
  byId('logout').addEventListener('click', logOut)
  byId('composer').addEventListener('submit', send)
  byId('file').addEventListener('change', picked)
  byId('picked-remove').addEventListener('click', () => {
    byId('file').value = ''
    picked()
    byId('file').focus()
  })
  byId('inspector').addEventListener('click', inspect)
  addEventListener('hashchange', () => follow())
  setInterval(facts, 1000)
  if (!place().user) go({ user: config.users[0]?.uid ?? '' })
  else await follow()
}

/** What the URL's hash asks for: `#user=alice&mode=header&with=bob`. */
function place() {
  const wanted = new URLSearchParams(location.hash.slice(1))
  return {
    user: config.users.find((user) => user.uid === wanted.get('user'))?.uid ?? '',
    mode: /** @type {'embedded' | 'header'} */ (wanted.get('mode') === 'header' ? 'header' : 'embedded'),
    with: wanted.get('with') ?? '',
  }
}

/** @param {{user?: string, mode?: string, with?: string}} to */
function go(to) {
  const next = { ...place(), ...to }
  if (to.user && !to.with) next.with = ''
  const hash = `#${new URLSearchParams(Object.entries(next).filter(([, value]) => value))}`
  if (hash === location.hash) follow(true)
  else location.hash = hash
}

/** Brings the page to what the hash says. */
/** @type {Promise<unknown>} */ let opening = Promise.resolve()

/**
 * Lets one login end before the next begins, and skips those nobody waits for any more.
 *
 * @template T
 * @param {number} mine
 * @param {() => Promise<T>} begin
 * @returns {Promise<T | null>}
 */
function next(mine, begin) {
  const result = opening.then(() => (mine === turn ? begin() : null))
  opening = result.catch(() => {})
  return result
}

async function follow(again = false) {
  const mine = (turn += 1)
  const wanted = place()
  if (!wanted.user) return
  pressed()
  try {
    if (again || !session || session.ended || session.uid !== wanted.user || session.mode !== wanted.mode) {
      skeletons()
      const opened = await next(mine, () => Session.open(config, wanted.user, wanted.mode))
      if (!opened || mine !== turn) return
      session = opened
      notice('')
      facts()
      await list(mine)
    }
    if (mine === turn) await open(wanted.with, mine)
  } catch (error) {
    if (mine === turn) fail(error)
  }
}

/** @type {{id: string, name: string, group: boolean, note: string}[]} */ let conversations = []

/** @param {number} mine */
async function list(mine) {
  const found = await session?.conversations()
  if (mine !== turn) return
  conversations = found ?? []
  byId('conversations').replaceChildren(
    ...conversations.map((item) =>
      element(
        'button',
        { class: 'conversation', type: 'button', 'data-testid': `conversation-${item.id}`, onclick: () => go({ with: item.id }) },
        face(item.id, item.name, item.group),
        element('span', { class: 'conversation-words' }, element('b', { text: item.name }), element('span', { text: item.note })),
      ),
    ),
  )
}

/** @param {string} id @param {number} mine */
async function open(id, mine) {
  conversation = conversations.find((item) => item.id === id) ?? conversations[0] ?? null
  media = []
  const list = byId('messages')
  pressed()
  byId('composer').hidden = !conversation
  if (!conversation) {
    title('Nothing here', '')
    list.replaceChildren(
      element('li', { class: 'empty' }, element('b', { text: `${name(session?.uid)} is in no conversation.` }),
        element('span', { text: 'So there is nothing to see, and no URL that would open. Pick somebody else on the left.' })),
    )
    return
  }
  title(conversation.name, conversation.group
    ? 'A group. Only its present members can open what is sent here.'
    : `Between ${name(session?.uid)} and ${conversation.name}. Nobody else can open what is sent here.`)
  skeletons()
  const messages = await session?.messages(conversation)
  if (mine !== turn) return
  list.replaceChildren(...(messages ?? []).map(plain).filter(visible).map(bubble))
  list.setAttribute('aria-busy', 'false')
  list.scrollTop = list.scrollHeight
}

/** @param {any} message as the SDK or the REST API gives it */
function plain(message) {
  const data = message.getData?.() ?? message.data ?? {}
  const sender = message.getSender?.() ?? data.entities?.sender?.entity ?? message.sender
  return {
    id: message.getId?.() ?? message.id,
    sender: sender?.getUid?.() ?? sender?.uid ?? sender,
    sentAt: message.getSentAt?.() ?? message.sentAt,
    text: data.text ?? message.getCaption?.() ?? '',
    deleted: Boolean(message.getDeletedAt?.() ?? message.deletedAt),
    attachments: message.getAttachments?.() ?? [],
  }
}

/** @param {ReturnType<typeof plain>} message */
function visible(message) {
  return !message.deleted && (message.text || message.attachments.length > 0)
}

/** @param {ReturnType<typeof plain>} message */
function bubble(message) {
  const mine = message.sender === session?.uid
  const mediums = message.attachments.map((/** @type {any} */ it) => new Medium(/** @type {Session} */ (session), it))
  media.push(...mediums)
  return element(
    'li',
    { class: 'message', 'data-testid': 'message', 'data-id': message.id, 'data-mine': mine },
    mine ? null : face(message.sender, name(message.sender), false),
    element(
      'div',
      { class: 'message-body' },
      element('p', { class: 'message-head' }, element('b', { text: mine ? 'You' : name(message.sender) }),
        element('time', { datetime: new Date(message.sentAt * 1000).toISOString(), text: clock(message.sentAt) })),
      ...mediums.map((/** @type {Medium} */ medium) => medium.node),
      message.text ? element('p', { class: 'message-text', text: message.text }) : null,
    ),
  )
}

async function logOut() {
  if (!session || session.ended) return
  const leaving = session
  byId('logout').disabled = true
  const seen = media.filter((medium) => medium.url)
  try {
    await leaving.logout()
  } catch (error) {
    byId('logout').disabled = false
    return notice(`The log-out failed: ${messageOf(error)}. You are still logged in.`, 'bad')
  }
  byId('composer').hidden = true
  facts()
  const checks = await Promise.all(seen.map((medium) => medium.recheck()))
  const refused = checks.filter(Boolean).length
  const again = element('button', { class: 'button primary small', type: 'button', text: `Log in as ${name(leaving.uid)} again`, onclick: () => go({}) })
  const words = `${name(leaving.uid)} has logged out. What was shown was asked for again by the same URLs: ${refused} of ${checks.length} refused.`
  const banner = byId('notice')
  banner.dataset.tone = 'bad'
  banner.setAttribute('data-testid', 'logout-result')
  banner.replaceChildren(element('span', { text: words }), again)
}

/** @param {SubmitEvent} event */
async function send(event) {
  event.preventDefault()
  if (!session || !conversation) return
  const [file] = byId('file').files
  const text = byId('text').value.trim()
  if (!file && !text) return byId('text').focus()
  const button = byId('composer').querySelector('[data-testid=send]')
  button.disabled = true
  try {
    const sent = file ? await sendFile(session, conversation, file, text) : await session.sendText(conversation, text)
    byId('messages').append(bubble(plain(sent)))
    byId('messages').lastElementChild?.scrollIntoView({ block: 'end' })
    byId('composer').reset()
    picked()
    notice(file ? `Sent. Only the people in this conversation can open ${file.name}.` : '', 'good')
  } catch (error) {
    notice(`That was not sent: ${messageOf(error)}.`, 'bad')
  }
  button.disabled = false
  byId('sending').hidden = true
  byId('text').focus()
}

/**
 * Sends a file, and shows how far it is, with a button that pauses it.
 *
 * @param {Session} session @param {{id: string, group: boolean}} conversation
 * @param {File} file @param {string} text
 */
async function sendFile(session, conversation, file, text) {
  const progress = byId('progress')
  const pause = byId('pause')
  const upload = session.upload(conversation, file, (percent) => (progress.value = percent))
  const say = (/** @type {boolean} */ isPaused) => {
    pause.textContent = isPaused ? 'Resume' : 'Pause'
    notice(isPaused ? `Paused: ${file.name}. What has arrived stays.` : `Sending ${file.name}, ${size(file.size)}…`)
  }
  pause.onclick = () => say(upload.turn())
  progress.removeAttribute('value')
  pause.hidden = false
  byId('sending').hidden = false
  say(false)
  await upload.arrived
  pause.hidden = true
  return upload.send(text)
}

/** The SDK's own panel: loaded by whoever asks for it, and gone without a trace. */
async function inspect() {
  const button = byId('inspector')
  const open = document.querySelector('cloak-inspector')
  button.setAttribute('aria-pressed', String(!open))
  if (open) return open.remove()
  await import('/sdk/inspector.js')
  const inspector = element(/** @type {any} */ ('cloak-inspector'))
  inspector.client = CometChat
  document.body.append(inspector)
  inspector.toggle(true)
}

function picked() {
  const [file] = byId('file').files
  byId('picked').hidden = !file
  byId('picked-name').textContent = file ? `${file.name} · ${size(file.size)}` : ''
}

function facts() {
  const left = session && !session.ended ? session.fatExpiresAt() : null
  byId('logout').disabled = !session || session.ended
  const who = byId('who')
  who.hidden = !session
  who.textContent = session ? (session.ended ? `${name(session.uid)} · logged out` : name(session.uid)) : ''
  const rows = session && [
    ['User', name(session.uid)],
    ['Mode', session.mode === 'header' ? 'HEADER_BASED' : 'EMBEDDED'],
    ['isHeaderModeEnabled()', String(session.headerModeEnabled())],
    ['getFat()', session.fat() ? 'a valid token' : 'null'],
    ['Token expires in', left ? span(left - session.now()) : 'no token'],
    ['Secure media host', new URL(config.mediaUrl).host],
  ]
  const values = byId('facts').querySelectorAll('dd')
  if (!rows) return
  if (values.length === rows.length) rows.forEach(([, value], n) => values[n].textContent !== value && (values[n].textContent = value))
  else byId('facts').replaceChildren(...rows.map(([term, value]) => element('div', {}, element('dt', { text: term }), element('dd', { text: value }))))
}

function pressed() {
  const at = place()
  for (const user of config.users) byId(`user-${user.uid}`).setAttribute('aria-pressed', String(user.uid === at.user))
  for (const mode of ['embedded', 'header']) byId(`mode-${mode}`).setAttribute('aria-pressed', String(mode === at.mode))
  for (const item of byId('conversations').querySelectorAll('button')) {
    const here = item.dataset.testid === `conversation-${conversation?.id}`
    if (here) item.setAttribute('aria-current', 'true')
    else item.removeAttribute('aria-current')
  }
}

/** @param {{uid: string, name: string}} user */
function person({ uid, name }) {
  const outsider = uid === config.outsider
  return element(
    'button',
    { class: 'person', type: 'button', id: `user-${uid}`, 'data-testid': `user-${uid}`, 'aria-pressed': 'false', onclick: () => go({ user: uid }) },
    face(uid, name, false),
    element('span', { text: name }),
    outsider ? element('small', { text: 'outsider' }) : null,
  )
}

/** @param {string} id @param {string} name @param {boolean} group */
function face(id, name, group) {
  const tint = [...id].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 5
  return element('span', { class: 'face', 'data-tint': tint, 'data-group': group, 'aria-hidden': 'true', text: (name[0] ?? '?').toUpperCase() })
}

/** @param {string} [uid] */
function name(uid) {
  return config.users.find((user) => user.uid === uid)?.name ?? uid ?? ''
}

/** @param {string} heading @param {string} note */
function title(heading, note) {
  byId('chat-title').textContent = heading
  byId('chat-note').textContent = note
}

/** @param {number} seconds */
function clock(seconds) {
  return new Date(seconds * 1000).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
}

function skeletons() {
  const bones = ['', 'wide', 'tall'].map((shape) => element('li', { class: `bone ${shape}`, 'aria-hidden': 'true' }))
  byId('messages').setAttribute('aria-busy', 'true')
  byId('messages').replaceChildren(...bones)
}

/** @param {any} error an `Error`, or an exception of the SDK */
function messageOf(error) {
  return error?.message ?? error?.code ?? 'no reason was given'
}

/** @param {any} error */
function fail(error) {
  byId('messages').replaceChildren()
  notice(`Something went wrong: ${messageOf(error)}.`, 'bad')
}

/** @param {string} words @param {'good' | 'bad' | ''} [tone] */
function notice(words, tone = '') {
  const banner = byId('notice')
  banner.removeAttribute('data-testid')
  banner.dataset.tone = tone
  banner.replaceChildren(words)
}
