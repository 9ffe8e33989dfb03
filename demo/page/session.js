import { CometChat, CometChatHelper } from '/sdk/index.js'

/**
 * @typedef {{appId: string, region: string, apiUrl: string, mediaUrl: string, dashboardUrl: string,
 *   authKey: string, users: {uid: string, name: string}[], outsider: string, group: string}} Config
 */

/** One login of one user in this page, and the calls that the page makes beside the SDK. */
export class Session {
  /** @type {Config} */ config
  /** @type {string} */ uid
  /** @type {'embedded' | 'header'} */ mode
  /** Whether the session was logged out; its URLs ended with it. */
  ended = false
  #authToken = ''
  #skew = 0

  /** @param {Config} config @param {string} uid @param {'embedded' | 'header'} mode */
  constructor(config, uid, mode) {
    this.config = config
    this.uid = uid
    this.mode = mode
  }

  /**
   * Logs a user in: an auth token first, as the app's own back end would make it, then the SDK.
   *
   * @param {Config} config
   * @param {string} uid
   * @param {'embedded' | 'header'} mode
   * @returns {Promise<Session>}
   */
  static async open(config, uid, mode) {
    const session = new Session(config, uid, mode)
    const { EMBEDDED, HEADER_BASED } = CometChat.SecureMediaMode
    await CometChat.init(
      config.appId,
      new CometChat.AppSettingsBuilder()
        .setRegion(config.region)
        .autoEstablishSocketConnection(false)
        .overrideAdminHost(config.apiUrl)
        .overrideClientHost(config.apiUrl)
        .setSecureMediaMode(mode === 'header' ? HEADER_BASED : EMBEDDED)
        .build(),
    )
    if (await CometChat.getLoggedinUser()) await CometChat.logout().catch(() => {})
    const { authToken, createdAt } = await session.#authTokenOf(uid)
    if (createdAt) session.#skew = createdAt - Math.floor(Date.now() / 1000)
    session.#authToken = authToken
    await CometChat.login(authToken)
    return session
  }

  /** Seconds since 1970 by the server's clock. */
  now() {
    return Date.now() / 1000 + this.#skew
  }

  /** The File Access Token of the session, or `null`. */
  fat() {
    return CometChat.getFat()
  }

  /** When the session's File Access Token expires, or `null`. */
  fatExpiresAt() {
    return fatExpiry(this.fat())
  }

  /** Whether the SDK says that header mode is in force. */
  headerModeEnabled() {
    return CometChatHelper.isHeaderModeEnabled()
  }

  /** @param {string} url a clean media URL @returns {Promise<string>} */
  presign(url) {
    return CometChat.fetchPresignedUrl(url)
  }

  /** Ends the session on the server; every URL that stands on it ends too. */
  async logout() {
    await CometChat.logout()
    this.ended = true
  }

  /** The user's conversations, newest first. */
  async conversations() {
    const list = await this.#api('GET', 'conversations?per_page=30&page=1')
    return list.map((/** @type {any} */ item) => {
      const group = item.conversationType === 'group'
      const other = item.conversationWith ?? {}
      return {
        id: group ? other.guid : other.uid,
        name: other.name,
        group,
        note: preview(item.lastMessage),
      }
    })
  }

  /** @param {{id: string, group: boolean}} conversation @returns {Promise<any[]>} oldest first */
  messages({ id, group }) {
    const builder = new CometChat.MessagesRequestBuilder().setLimit(30)
    return (group ? builder.setGUID(id) : builder.setUID(id)).build().fetchPrevious()
  }

  /**
   * Uploads a file for a message, which `send` then makes of it.
   *
   * @param {{id: string, group: boolean}} conversation
   * @param {File} file
   * @param {(percent: number) => void} onProgress
   */
  upload({ id, group }, file, onProgress) {
    const receiverType = group ? 'group' : 'user'
    const request = CometChat.createUploadFileRequest(id, receiverType)
    const arrived = new Promise((resolve, reject) => {
      request.uploadAttachment('file', file, {
        onFileProgress: (_, loaded, total, percent) => onProgress(percent),
        onFileError: (_, error) => reject(error),
        onFileFailure: (_, error) => reject(error),
        onFileUploaded: resolve,
      })
    })
    return {
      arrived,
      /** Pauses it, or goes on with it. @returns {boolean} whether it is paused now */
      turn() {
        if (request.getState('file') === 'paused') request.resume()
        else request.pause()
        return request.getState('file') === 'paused'
      },
      /** @param {string} caption */
      send(caption) {
        const kind = file.type.split('/')[0] ?? ''
        const type = ['image', 'video', 'audio'].includes(kind) ? kind : 'file'
        const message = new CometChat.MediaMessage(id, null, type, receiverType)
        message.setAttachments(request.getAttachments())
        if (caption) message.setCaption?.(caption)
        return CometChat.sendMediaMessage(message)
      },
    }
  }

  /** @param {{id: string, group: boolean}} conversation @param {string} text */
  sendText({ id, group }, text) {
    return this.#api('POST', 'messages', {
      receiver: id,
      receiverType: group ? 'group' : 'user',
      category: 'message',
      type: 'text',
      data: { text },
    })
  }

  /**
   * Logs the outsider in with calls of its own, so that the session of this page is untouched.
   *
   * @returns {Promise<string>} the outsider's File Access Token
   */
  async outsiderFat() {
    const { authToken } = await this.#authTokenOf(this.config.outsider)
    const me = await call(this.config, 'PUT', 'me', { authtoken: authToken }, { platform: 'WEB' })
    return me.fat
  }

  /** @param {string} url a clean media URL @returns {Promise<{presignedUrl: string, expiresAt: number}>} */
  async shortPresign(url) {
    const response = await fetch('/demo/short-presign', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url, uid: this.uid }),
    })
    if (!response.ok) throw new Error(`the demo server answered ${response.status}`)
    const body = await response.json()
    return body.data ?? body
  }

  /** @param {string} uid */
  #authTokenOf(uid) {
    return call(this.config, 'POST', `users/${encodeURIComponent(uid)}/auth_tokens`, { apikey: this.config.authKey }, {})
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  #api(method, path, body) {
    return call(this.config, method, path, { authtoken: this.#authToken }, body)
  }
}

/** @param {string | null} fat @returns {number | null} unix seconds */
export function fatExpiry(fat) {
  try {
    const payload = (fat ?? '').split('.')[1] ?? ''
    return JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))).exp ?? null
  } catch {
    return null
  }
}

/**
 * One call of the REST API.
 *
 * @param {Config} config @param {string} method @param {string} path
 * @param {Record<string, string>} credential @param {object} [body]
 */
async function call(config, method, path, credential, body) {
  const response = await fetch(`${config.apiUrl}/v3.0/${path}`, {
    method,
    headers: {
      appid: config.appId,
      ...credential,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    body: body ? JSON.stringify(body) : null,
  })
  const { data, error } = await response.json()
  if (error) throw new Error(error.message ?? error.code)
  return data
}

/** @param {any} message */
function preview(message) {
  if (!message) return ''
  return message.data?.text || message.data?.attachments?.[0]?.name || ''
}
