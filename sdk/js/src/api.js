import { invalidResponse, networkError, refusal } from './exception.js'
import { isObject, parseObject } from './json.js'

/** @import { CometChatException } from './exception.js' */

/** Sent as the `sdk` header of every call. */
export const SDK_NAME = 'cloakroom-js@0.1.0'

/**
 * @typedef {object} Call
 * @property {'GET' | 'POST' | 'PUT' | 'DELETE'} method
 * @property {string} path below the base URL, without a slash in front
 * @property {object} [body] sent as JSON
 * @property {FormData} [form] sent as multipart
 * @property {string} [authToken]
 * @property {string} [apiKey]
 */

/** @typedef {{ data: any, meta: Record<string, any> }} Answer */

/** The REST API of one app: one JSON envelope, typed errors, never a cookie. */
export class Api {
  #fetch
  #appId

  /**
   * @param {(url: string, init: RequestInit) => Promise<Response>} fetch
   * @param {string} appId
   * @param {string} base base URL, without a slash at the end
   */
  constructor(fetch, appId, base) {
    this.#fetch = fetch
    this.#appId = appId
    /** Base URL, without a slash at the end. */
    this.base = base
  }

  /**
   * @param {string} [authToken]
   * @returns {Record<string, string>} what every call says
   */
  headers(authToken) {
    const headers = { accept: 'application/json', appid: this.#appId, sdk: SDK_NAME }
    return authToken === undefined ? headers : { ...headers, authtoken: authToken }
  }

  /**
   * @param {Call} call
   * @returns {Promise<Answer>}
   * @throws {CometChatException} `ERR_NETWORK` if nothing came back, `ERR_INVALID_RESPONSE` if it
   *   was not the agreed envelope, else the server's own code
   */
  async call(call) {
    return answerOf(await this.#send(call))
  }

  /**
   * @param {Call} call
   * @param {AbortSignal} signal ends the answer
   * @returns {Promise<ReadableStream<Uint8Array> | null>} the body as it comes; `null` where the
   *   runtime gives none
   * @throws {CometChatException} as `call`
   */
  async stream(call, signal) {
    const response = await this.#send(call, signal)
    if (!response.ok) await answerOf(response)
    return response.body
  }

  /**
   * @param {Call} call
   * @param {AbortSignal} [signal]
   */
  async #send({ method, path, body, form, authToken, apiKey }, signal) {
    const headers = this.headers(authToken)
    if (apiKey !== undefined) headers['apikey'] = apiKey
    if (body !== undefined) headers['content-type'] = 'application/json'
    const init = /** @type {RequestInit} */ ({
      ...{ method, headers, credentials: 'omit', cache: 'no-store', redirect: 'error' },
      ...{ body: form ?? (body && JSON.stringify(body)), signal }
    })
    try {
      return await this.#fetch(`${this.base}/${path}`, init)
    } catch (cause) {
      throw networkError(cause)
    }
  }
}

/**
 * @param {Response} response
 * @returns {Promise<Answer>}
 */
async function answerOf(response) {
  const text = await response.text().catch((cause) => {
    throw networkError(cause)
  })
  const { data, error, meta } = parseObject(text)
  if (isObject(error)) throw refusal(error)
  if (response.ok && data !== undefined) return { data, meta: meta ?? {} }
  throw invalidResponse(`the server answered ${response.status} without an envelope`)
}
