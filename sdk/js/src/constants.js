/**
 * How media URLs get access: by a File Access Token inside the URL, or by presigned URLs.
 *
 * @type {Readonly<{ EMBEDDED: 0, HEADER_BASED: 1 }>}
 */
export const SecureMediaMode = /* @__PURE__ */ Object.freeze({ EMBEDDED: 0, HEADER_BASED: 1 })

/**
 * Whether a receiver is one user or a group.
 *
 * @type {Readonly<{ USER: 'user', GROUP: 'group' }>}
 */
export const RECEIVER_TYPE = /* @__PURE__ */ named('user', 'group')

/**
 * What a message carries.
 *
 * @type {Readonly<{ TEXT: 'text', IMAGE: 'image', VIDEO: 'video', AUDIO: 'audio', FILE: 'file', CUSTOM: 'custom' }>}
 */
export const MESSAGE_TYPE = /* @__PURE__ */ named(
  'text',
  'image',
  'video',
  'audio',
  'file',
  'custom'
)

/**
 * The kind of a message: written by somebody, or telling what somebody did.
 *
 * @type {Readonly<{ MESSAGE: 'message', ACTION: 'action', CUSTOM: 'custom', CALL: 'call' }>}
 */
export const CATEGORY = /* @__PURE__ */ named('message', 'action', 'custom', 'call')

/**
 * Who may join a group.
 *
 * @type {Readonly<{ PUBLIC: 'public', PASSWORD: 'password', PRIVATE: 'private' }>}
 */
export const GROUP_TYPE = /* @__PURE__ */ named('public', 'password', 'private')

/**
 * Where a session is kept: until logout, or until the tab closes.
 *
 * @type {Readonly<{ LOCAL: 'local', SESSION: 'session' }>}
 */
export const StorageMode = /* @__PURE__ */ named('local', 'session')

/**
 * @param {string[]} values
 * @returns {any} each under its name in capitals
 */
function named(...values) {
  return Object.freeze(Object.fromEntries(values.map((it) => [it.toUpperCase(), it])))
}
