/** React: media that are written once. `react` 18 or later is the app's own. */

export { SecureFile, SecureImage } from './react-elements.js'
export { useSecureMedia } from './react-hook.js'
export { SecureAudio, SecureVideo } from './react-players.js'

/** @typedef {import('./react-hook.js').SecureMediaStatus} SecureMediaStatus */
/** @typedef {import('./react-elements.js').SecureImageProps} SecureImageProps */
/** @typedef {import('./react-elements.js').SecureFileProps} SecureFileProps */
/** @typedef {import('./react-players.js').SecurePlayerProps} SecurePlayerProps */
