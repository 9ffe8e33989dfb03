import { useEffect, useMemo, useRef, useState } from 'react'
import { bindMedia } from './bind-media.js'
import { stripFatQueryParam } from './media-url.js'
import { sourceOf } from './source-of.js'

/** @import { BindOptions, MediaState, MediaStateDetail } from './binding.js' */
/** @import { MediaSource } from './media-source.js' */
/** @import { AttachmentLike } from './source-of.js' */

/** @typedef {HTMLImageElement | HTMLMediaElement | HTMLAnchorElement} BoundElement */
/** @typedef {Omit<MediaSource, 'url'> & BindOptions} SecureMediaOptions */

/**
 * How a medium is.
 *
 * @typedef {object} SecureMediaStatus
 * @property {MediaState} state
 * @property {string} [code] stable code, if something is wrong
 * @property {string} [reason] the rule that refused, such as `not_permitted`
 * @property {boolean} [retry] whether it is tried again by itself
 * @property {string} [message] what is wrong, in words
 * @property {() => void} again tries again now
 */

/**
 * @template {BoundElement} [E=BoundElement]
 * @typedef {SecureMediaStatus & { ref: (element: E | null) => void }} SecureMedia `ref`: give it to
 *   an `<img>`, `<video>`, `<audio>` or `<a>`
 */

/** @type {SecureMediaStatus} */
const IDLE = { state: 'idle', again: () => {} }

/**
 * Keeps the element that gets the `ref` showing a medium, from its approach to the viewport until it
 * leaves the page.
 *
 * @template {BoundElement} [E=BoundElement]
 * @param {string | AttachmentLike | null | undefined} medium media URL or attachment; nothing is
 *   shown while there is none
 * @param {SecureMediaOptions} [options]
 * @param {(detail: MediaStateDetail) => void} [onState] called at every change
 * @returns {SecureMedia<E>}
 */
export function useSecureMedia(medium, options = {}, onState) {
  const [element, ref] = useState(/** @type {E | null} */ (null))
  const [status, setStatus] = useState(IDLE)
  const listener = useLatest(onState)
  const source = useSource(medium, options)
  const { client, margin } = options
  useEffect(() => {
    if (element === null || source === null) return
    const look = (/** @type {Event} */ event) => {
      if (event.target !== element) return
      const { detail } = /** @type {CustomEvent<MediaStateDetail>} */ (event)
      const { url: _, ...now } = detail
      setStatus(now)
      listener.current?.(detail)
    }
    element.addEventListener('cloak-state', look)
    const { url, ...known } = source
    const binding = bindMedia(element, url, {
      ...known,
      ...(client && { client }),
      ...(margin && { margin })
    })
    return () => {
      element.removeEventListener('cloak-state', look)
      binding.release()
      setStatus(IDLE)
    }
  }, [element, source, client, margin, listener])
  return { ...status, ref }
}

/**
 * What is known of a medium: the same object as long as that says the same. An attachment reads
 * with another token after each renewal, and a component makes its options anew at each render.
 *
 * @param {string | AttachmentLike | null | undefined} medium
 * @param {Partial<MediaSource>} options
 * @returns {MediaSource | null}
 */
export function useSource(medium, options) {
  const text = medium ? sourceText(medium, options) : null
  return useMemo(() => (text === null ? null : JSON.parse(text)), [text])
}

/**
 * @param {string | AttachmentLike} medium
 * @param {Partial<MediaSource>} options
 */
function sourceText(medium, options) {
  const { url, width, height, thumbnails, thumbHash, name } = sourceOf(medium, options)
  const clean = stripFatQueryParam(url)
  const smaller = thumbnails?.map((it) => (typeof it === 'string' ? stripFatQueryParam(it) : it))
  return JSON.stringify({ url: clean, width, height, thumbnails: smaller, thumbHash, name })
}

/**
 * @template T
 * @param {T} value
 */
export function useLatest(value) {
  const latest = useRef(value)
  useEffect(() => {
    latest.current = value
  })
  return latest
}
