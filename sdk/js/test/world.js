import { createCometChat } from '../src/index.js'

export const ORIGIN = 'https://files-us.example.com'
export const HOST = `${ORIGIN}/demoapp/media/`
export const MEDIA = `${HOST}0123456789abcdef0123456789abcdef.jpg`

/** @param {number} n */
export const mediaUrl = (n) => `${HOST}${n.toString(16).padStart(32, '0')}.jpg`

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
export const makeFat = (iat, exp, jti = 'a', sid) =>
  `${encode({ typ: 'fat+jwt' })}.${encode({ iat, exp, jti, sid })}.c2ln`

/** A page, a server with a script, and a clock moved by hand. */
export class World {
  time = 1_000_000_000 // milliseconds
  serverAhead = 0 // seconds
  protection = true
  fatLife = 3600
  requests = []
  routes = {}
  items = new Map()
  timers = new Map()
  listeners = {}
  #timerId = 0
  /** What the page opens. */
  make = createCometChat

  storage = {
    getItem: (key) => this.items.get(key) ?? null,
    setItem: (key, value) => void this.items.set(key, value),
    removeItem: (key) => void this.items.delete(key)
  }

  get serverNow() {
    return this.time / 1000 + this.serverAhead
  }

  open(extra = {}) {
    this.timers.clear()
    this.listeners = {}
    const listenable = {
      visibilityState: 'visible',
      addEventListener: (type, listener, capture) => {
        ;(this.listeners[type] ??= []).push({ listener, capture })
      }
    }
    return this.make({
      fetch: (url, init) => this.#fetch(url, init),
      now: () => this.time,
      storage: () => this.storage,
      setTimeout: (callback, wait) => {
        this.timers.set(++this.#timerId, { at: this.time + wait, callback })
        return this.#timerId
      },
      clearTimeout: (id) => this.timers.delete(id),
      document: listenable,
      window: listenable,
      pageProtocol: 'https:',
      ...extra
    })
  }

  settings(chat, mode, host = 'chat.example.com') {
    const builder = new chat.AppSettingsBuilder().setRegion('us').overrideClientHost(host)
    if (mode !== undefined) builder.setSecureMediaMode(mode)
    return builder.build()
  }

  async loggedIn(mode) {
    const chat = this.open()
    await chat.init('demoapp', this.settings(chat, mode))
    await chat.login('ckr_auth')
    return chat
  }

  /** Lets everything happen that needs no more time than `milliseconds`. */
  async advance(milliseconds = 0) {
    const until = this.time + milliseconds
    await settle()
    for (;;) {
      const due = [...this.timers].filter(([, { at }]) => at <= until)
      if (due.length === 0) break
      const [id, { at, callback }] = due.sort((a, b) => a[1].at - b[1].at)[0]
      this.timers.delete(id)
      this.time = Math.max(this.time, at)
      callback()
      await settle()
    }
    this.time = until
  }

  async run(promise) {
    const settled = promise.then(
      (value) => ({ value }),
      (error) => ({ error })
    )
    await this.advance()
    const { value, error } = await settled
    if (error) throw error
    return value
  }

  /** An element fails to load; gives whether the page's own listeners hear of it. */
  fails(element) {
    let heard = true
    const stopImmediatePropagation = () => (heard = false)
    for (const { listener, capture } of this.listeners.error ?? []) {
      if (capture === true) listener({ target: element, stopImmediatePropagation })
    }
    return heard
  }

  emit(type) {
    for (const { listener } of this.listeners[type] ?? []) listener({})
  }

  sent(what) {
    return this.requests.filter((request) => request.what === what)
  }

  get meta() {
    return { serverTime: this.serverNow }
  }

  fat() {
    return makeFat(this.serverNow, this.serverNow + this.fatLife, `t${this.requests.length}`)
  }

  async #fetch(url, init) {
    const { pathname, search, origin } = new URL(url)
    const what = `${init.method ?? 'GET'} ${pathname.replace(/^\/v3\//, '')}`
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : init.body
    this.requests.push({ what, url, origin, search, init, body })
    const answer = await (this.routes[what] ?? this.#default(what, body))
    const result = typeof answer === 'function' ? await answer(body) : answer
    if (result instanceof Error) throw result
    if (result instanceof Response) return result
    return reply(result.status ?? (result.error ? 400 : 200), { ...result, status: undefined })
  }

  #default(what, body) {
    const settings = { SECURED_MEDIA_HOST: HOST }
    const protectedPart = { fat: this.fat(), fatExpiresAt: this.serverNow + this.fatLife, settings }
    if (what === 'PUT me') {
      const data = {
        uid: 'alice',
        name: 'Alice',
        avatar: MEDIA,
        ...(this.protection ? protectedPart : { settings: {} })
      }
      return { data, meta: this.meta }
    }
    if (what === 'POST me/fat')
      return { data: this.protection ? protectedPart : { fat: null }, meta: this.meta }
    if (what === 'DELETE me') return { data: { success: true } }
    if (what === 'POST media/presign') {
      const expiresAt = this.serverNow + 900
      const round = this.sent(what).length
      const query = `Principal=s:00&Generation=${round}&Expires=${expiresAt}&Signature=x&Key-Pair-Id=k`
      return {
        data: body.urls.map((url) => ({ url, presignedUrl: `${url}?${query}`, expiresAt })),
        meta: this.meta
      }
    }
    return { status: 404, error: { code: 'ERR_ROUTE_NOT_FOUND', message: what } }
  }
}

export const reply = (status, body) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status })

export const refused = (refresh, code = 'ERR_FAT_EXPIRED') => ({
  status: 401,
  error: { code, message: 'no', details: { reason: 'fat_expired', retry: false, refresh } }
})

const settle = () => new Promise((resolve) => setImmediate(resolve))
