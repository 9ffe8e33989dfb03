import { createElement, Fragment } from 'react'
import { useSecureMedia, useSource } from './react-hook.js'

/** @import { ComponentPropsWithoutRef, CSSProperties, ReactElement, ReactNode } from 'react' */
/** @import { MediaStateDetail } from './binding.js' */
/** @import { SecureMediaStatus } from './react-hook.js' */
/** @import { AttachmentLike } from './source-of.js' */

/**
 * What is shown in place of a medium that cannot be shown: nodes, or a function of what is wrong.
 *
 * @typedef {ReactNode | ((status: SecureMediaStatus) => ReactNode)} Fallback
 */

/**
 * @typedef {object} MediumProps
 * @property {string | AttachmentLike | null | undefined} medium media URL, or an attachment of a
 *   message
 * @property {Fallback} [fallback]
 * @property {object} [client] whose session it is; the client that was initialised last if left out
 * @property {string} [margin] how near to the viewport it loads, as in `rootMargin`
 * @property {(detail: MediaStateDetail) => void} [onState] called at every change
 */

/** @typedef {MediumProps & Omit<ComponentPropsWithoutRef<'img'>, 'src' | 'srcSet'>} SecureImageProps */
/** @typedef {MediumProps & Omit<ComponentPropsWithoutRef<'a'>, 'href'>} SecureFileProps */

/** It must keep its place: whoever has none is far from the viewport, and is not tried again. */
const OUT_OF_SIGHT = /** @type {CSSProperties} */ ({
  position: 'absolute',
  opacity: 0,
  pointerEvents: 'none'
})

/**
 * An `<img>` that shows a medium.
 *
 * @param {SecureImageProps} props
 * @returns {ReactElement}
 */
export function SecureImage({ medium, fallback, client, margin, onState, ...props }) {
  const known = {
    ...numeric('width', props.width),
    ...numeric('height', props.height)
  }
  const source = useSource(medium, known)
  const options = { ...known, ...(client && { client }), ...(margin && { margin }) }
  const { ref, ...status } = useSecureMedia(medium, options, onState)
  const { width, height, name = '' } = source ?? {}
  const isOut = fallback !== undefined && isWrong(status)
  const style = isOut ? { style: { ...props.style, ...OUT_OF_SIGHT }, 'aria-hidden': true } : {}
  const image = createElement('img', { alt: name, width, height, ...props, ...style, ref })
  return createElement(Fragment, null, image, isOut ? show(fallback, status) : null)
}

/**
 * An `<a>` that opens a file.
 *
 * @param {SecureFileProps} props
 * @returns {ReactElement}
 */
export function SecureFile({ medium, fallback, client, margin, onState, children, ...props }) {
  const name = useSource(medium, {})?.name
  const options = { ...(client && { client }), ...(margin && { margin }) }
  const { ref, ...status } = useSecureMedia(medium, options, onState)
  const isOut = fallback !== undefined && isWrong(status)
  const style = isOut ? { style: { ...props.style, ...OUT_OF_SIGHT }, 'aria-hidden': true } : {}
  const link = createElement('a', { ...props, ...style, ref }, children ?? name)
  return createElement(Fragment, null, link, isOut ? show(fallback, status) : null)
}

/**
 * @param {Fallback} fallback
 * @param {SecureMediaStatus} status
 * @returns {ReactNode}
 */
export function show(fallback, status) {
  return typeof fallback === 'function' ? fallback(status) : fallback
}

/** @param {SecureMediaStatus} status */
export function isWrong({ state }) {
  return state === 'error' || state === 'gone'
}

/**
 * @param {'width' | 'height'} name
 * @param {number | string | undefined} value
 */
function numeric(name, value) {
  const pixels = Number(value)
  return pixels > 0 ? { [name]: pixels } : {}
}
