/**
 * Presigning in an app's own back end with a delegated key, without a call to the server. Needs
 * Web Crypto: Node 20, Deno, Bun, workers.
 *
 * A signature promises nothing: whether the user may read the file is decided at every fetch, and
 * the bounds of the key are checked there as well. Never put the secret into a web page.
 */

import { cleanMediaUrl } from './media-url.js'

const MIN_LIFETIME_SECONDS = 60
const MAX_LIFETIME_SECONDS = 31 * 24 * 60 * 60
const SECRET = /^ckr_dk_([A-Za-z0-9_-]{43})$/
const ID = /^[A-Za-z0-9_-]{1,100}$/
const APP_ID = /^[a-z0-9]{4,32}$/
const TAG = /^[a-z0-9]{1,16}$/
const PURPOSES = ['download', 'export', 'mail', 'push']

/**
 * What `POST delegated_keys` answered.
 *
 * @typedef {object} DelegatedKeyOptions
 * @property {string} mediaOrigin such as `https://files-us.example.com`
 * @property {string} appId
 * @property {string} id
 * @property {string} secret
 * @property {number} [generation]
 * @property {number} [maxTtlSeconds] with this and the next two, `sign` refuses at once what the
 *   server would refuse
 * @property {readonly string[]} [purposes]
 * @property {string} [uidPrefix]
 */

/**
 * @typedef {object} SignTerms
 * @property {string} uid the user in whose name the URL opens
 * @property {'download' | 'export' | 'mail' | 'push'} [purpose]
 * @property {number} [ttlSeconds] 60 to 2678400; 900 if left out
 * @property {number} [views] 1 to 1000; any number if left out
 * @property {string} [viewsTag] 1 to 16 of `[a-z0-9]`: sets URLs apart that are alike otherwise
 * @property {'attachment' | 'inline'} [disposition]
 * @property {number} [now] seconds since 1970 UTC; the clock's if left out
 */

/** Why a delegated key does not sign. */
export class DelegatedSigningError extends Error {
  /**
   * @param {'BadId' | 'BadLifetime' | 'BadSecret' | 'BadTerms' | 'BadUrl' | 'OtherApp' | 'OutOfBounds'} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message)
    this.name = 'DelegatedSigningError'
    this.code = code
  }
}

/** Presigns media URLs with a delegated key, on behalf of users of one app. */
export class DelegatedSigner {
  #options
  #key
  #generation

  /** @param {DelegatedKeyOptions} options */
  constructor(options) {
    const { appId, id, mediaOrigin, secret, generation = 0 } = options
    if (!APP_ID.test(appId)) fail('BadId', 'the app id is malformed')
    if (!ID.test(id)) fail('BadId', 'the id of the key is malformed')
    const [, bytes] = SECRET.exec(secret) ?? []
    if (bytes === undefined) {
      fail(
        'BadSecret',
        'the secret of a delegated key begins with ckr_dk_ and is 50 characters long'
      )
    }
    if (!isOrigin(mediaOrigin)) fail('BadUrl', 'mediaOrigin is not an origin')
    this.#options = { ...options }
    this.#key = importKey(bytes)
    this.#generation = generation
  }

  /**
   * Learns of a revocation: `seq` of a receipt, or `generation` of `GET delegated_keys/{id}`. An
   * older one than known changes nothing.
   *
   * @param {number} seq
   */
  known(seq) {
    this.#generation = Math.max(this.#generation, seq)
  }

  /**
   * Presigns a media URL; what query it has is dropped.
   *
   * The URL lives between two thirds of `ttlSeconds` and all of it, and whoever asks twice within a
   * third gets the same bytes; with `views` it lives exactly so long.
   *
   * @param {string} url
   * @param {SignTerms} terms
   * @returns {Promise<{ url: string, expiresAt: number }>} rejects with {@link DelegatedSigningError}
   */
  async sign(url, terms) {
    const { appId, id, mediaOrigin } = this.#options
    const { uid, purpose, views, viewsTag, disposition, ttlSeconds = 900 } = terms
    const { now = Math.floor(Date.now() / 1000) } = terms
    const clean = this.#clean(url, mediaOrigin, appId)
    if (!isWhole(ttlSeconds, MIN_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS)) {
      fail('BadLifetime', 'a presigned URL lives between 60 seconds and 31 days')
    }
    if (!ID.test(uid)) fail('BadId', 'the uid is malformed')
    this.#check(terms, ttlSeconds)
    const latest = now + ttlSeconds
    const expiresAt = views === undefined ? latest - (latest % Math.floor(ttlSeconds / 3)) : latest
    let signed = `${clean}?Principal=u:${uid}&Generation=${this.#generation}`
    if (purpose !== undefined) signed += `&Purpose=${purpose}`
    if (views !== undefined) signed += `&Views=${views}${viewsTag ? `.${viewsTag}` : ''}`
    if (disposition !== undefined) signed += `&Disposition=${disposition}`
    const policy =
      `{"Statement":[{"Resource":"${signed}","Condition":{"DateLessThan":` +
      `{"AWS:EpochTime":${expiresAt}}}}]}`
    const bytes = new TextEncoder().encode(policy)
    const signature = await crypto.subtle.sign('HMAC', await this.#key, bytes)
    const text = encode(new Uint8Array(signature))
    return {
      url: `${signed}&Expires=${expiresAt}&Signature=${text}&Key-Pair-Id=${id}`,
      expiresAt
    }
  }

  /**
   * @param {string} url
   * @param {string} origin
   * @param {string} appId
   */
  #clean(url, origin, appId) {
    const clean = cleanMediaUrl(url, `${origin}/${appId}/media/`)
    if (clean !== null) return clean
    const other = /^\/([a-z0-9]{4,32})\/media\//.exec(pathOn(url, origin))?.[1]
    if (other !== undefined && other !== appId)
      fail('OtherApp', 'the URL names a file of another app')
    return fail('BadUrl', 'the URL is no media URL of this origin')
  }

  /**
   * @param {SignTerms} terms
   * @param {number} ttlSeconds
   */
  #check({ uid, purpose, views, viewsTag, disposition }, ttlSeconds) {
    if (purpose !== undefined && !PURPOSES.includes(purpose)) {
      fail('BadTerms', 'purpose is download, export, mail or push')
    }
    if (views !== undefined && !isWhole(views, 1, 1000)) fail('BadTerms', 'views are 1 to 1000')
    if (viewsTag !== undefined && (views === undefined || !TAG.test(viewsTag))) {
      fail('BadTerms', 'viewsTag is 1 to 16 of [a-z0-9], beside views')
    }
    if (disposition !== undefined && disposition !== 'attachment' && disposition !== 'inline') {
      fail('BadTerms', 'disposition is attachment or inline')
    }
    const { maxTtlSeconds = Infinity, purposes = [], uidPrefix = '' } = this.#options
    const fits =
      ttlSeconds <= maxTtlSeconds &&
      uid.startsWith(uidPrefix) &&
      (purposes.length === 0 || (purpose !== undefined && purposes.includes(purpose)))
    if (!fits) fail('OutOfBounds', 'the bounds of the key do not allow this URL')
  }
}

/** @param {string} origin */
function isOrigin(origin) {
  try {
    return new URL(origin).origin === origin
  } catch {
    return false
  }
}

/**
 * @param {string} url
 * @param {string} origin
 */
function pathOn(url, origin) {
  try {
    const parsed = new URL(url)
    return parsed.origin === origin ? parsed.pathname : ''
  } catch {
    return ''
  }
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
function isWhole(value, least, most) {
  return Number.isInteger(value) && value >= least && value <= most
}

/** @param {string} base64url of 32 bytes */
function importKey(base64url) {
  const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  return crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign'])
}

/**
 * Base64 with CloudFront's three replacements for URLs.
 *
 * @param {Uint8Array} bytes
 */
function encode(bytes) {
  const text = btoa(String.fromCharCode(...bytes))
  return text.replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~')
}

/**
 * @param {ConstructorParameters<typeof DelegatedSigningError>[0]} code
 * @param {string} message
 * @returns {never}
 */
function fail(code, message) {
  throw new DelegatedSigningError(code, message)
}
