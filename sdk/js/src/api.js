import { invalidResponse, toException, refusal } from './exception.js'
import { isObject, parseObject } from './json.js'

/** @import { CometChatException } from './exception.js' */

/** Sent as the `sdk` header of every call. */
export const SDK_NAME = 'cloakroom-js@0.1.0'

/**
 * @typedef {object} Call
 * @property {'PUT' | 'DELETE'} [method] left out, `POST` with a body or form, else `GET`
 * @property {string} path below the base URL, without a slash in front
 * @property {object} [body] sent as JSON
 * @property {FormData} [form] sent as multipart
 * @property {string} [authToken]
 * @property {string} [apiKey]
 * @property {string} [base] in place of the API's own
 * @property {AbortSignal} [signal] ends an answer that is read as it comes: then `data` is its body,
 *   `null` where the runtime gives none
 */

/** @typedef {{ data: any, meta?: Record<string, any> }} Answer */

/** @typedef {ReturnType<typeof createApi>} Api */

/**
 * The REST API of one app: one JSON envelope, typed errors, never a cookie.
 *
 * @param {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @param {string} appId
 * @param {string} base base URL, without a slash at the end
 */
export function createApi(fetch, appId, base) {
  /**
   * @param {string} [authtoken]
   * @returns {Record<string, string>} what every call says
   */
  const headers = (authtoken) => ({
    ...{ accept: 'application/json', appid: appId, sdk: SDK_NAME },
    ...(authtoken && { authtoken })
  })

  return {
    /** Base URL, without a slash at the end. */
    base,
    headers,

    /**
     * @param {Call} call
     * @returns {Promise<Answer>}
     * @throws {CometChatException} `ERR_NETWORK` if nothing came back, `ERR_INVALID_RESPONSE` if it
     *   was not the agreed envelope, else the server's own code
     */
    async call(call) {
      const { method, path, body, form, authToken, apiKey: apikey, signal } = call
      let response
      let text
      try {
        response = await fetch(
          `${call.base ?? base}/${path}`,
          /** @type {RequestInit} */ ({
            method: method ?? (body || form ? 'POST' : 'GET'),
            headers: {
              ...headers(authToken),
              ...(apikey && { apikey }),
              ...(body && { 'content-type': 'application/json' })
            },
            ...{ credentials: 'omit', cache: 'no-store', redirect: 'error' },
            body: form ?? (body && JSON.stringify(body)),
            signal
          })
        )
        if (signal && response.ok) return { data: response.body }
        text = await response.text()
      } catch (cause) {
        throw toException(cause)
      }
      const { data, error, meta } = parseObject(text)
      if (isObject(error)) throw refusal(error)
      if (response.ok && data !== undefined) return { data, meta }
      throw invalidResponse()
    }
  }
}
