import { createElement, forwardRef, useCallback, useEffect, useState } from 'react'
import { defineElements } from './define-elements.js'
import { isWrong, show } from './react-elements.js'
import { useLatest, useSource } from './react-hook.js'

/** @import { CSSProperties, ForwardedRef, ForwardRefExoticComponent, ReactNode, RefAttributes } from 'react' */
/** @import { MediaStateDetail } from './binding.js' */
/** @import { CloakAudio, CloakVideo } from './cloak-player.js' */
/** @import { MediumProps } from './react-elements.js' */
/** @import { SecureMediaStatus } from './react-hook.js' */

/**
 * @typedef {object} PlayerProps
 * @property {number} [width] pixels
 * @property {number} [height] pixels
 * @property {boolean} [controls]
 * @property {boolean} [loop]
 * @property {boolean} [muted]
 * @property {boolean} [autoPlay]
 * @property {boolean} [playsInline]
 * @property {'none' | 'metadata' | 'auto'} [preload]
 * @property {'anonymous'} [crossOrigin]
 * @property {ReactNode} [placeholder] shown until it is there
 * @property {ReactNode} [children] `<track>` elements
 * @property {string} [id]
 * @property {string} [className]
 * @property {CSSProperties} [style]
 */

/** @typedef {MediumProps & PlayerProps} SecurePlayerProps */

/**
 * A film that plays on while its URLs are renewed. The `ref` is a `<cloak-video>`.
 *
 * @type {ForwardRefExoticComponent<SecurePlayerProps & RefAttributes<CloakVideo>>}
 */
export const SecureVideo = forwardRef(
  /**
   * @param {SecurePlayerProps} props
   * @param {ForwardedRef<CloakVideo>} ref
   */
  function SecureVideo(props, ref) {
    return usePlayer('cloak-video', props, ref)
  }
)

/**
 * A sound that plays on while its URLs are renewed. The `ref` is a `<cloak-audio>`.
 *
 * @type {ForwardRefExoticComponent<SecurePlayerProps & RefAttributes<CloakAudio>>}
 */
export const SecureAudio = forwardRef(
  /**
   * @param {SecurePlayerProps} props
   * @param {ForwardedRef<CloakAudio>} ref
   */
  function SecureAudio(props, ref) {
    return usePlayer('cloak-audio', props, ref)
  }
)

/** @type {SecureMediaStatus} */
const IDLE = { state: 'idle', again: () => {} }

/**
 * @template {CloakVideo | CloakAudio} E
 * @param {string} tag
 * @param {SecurePlayerProps} props
 * @param {ForwardedRef<E>} ref
 */
function usePlayer(tag, props, ref) {
  const { medium, client, fallback, onState, placeholder, children } = props
  const [element, setElement] = useState(/** @type {E | null} */ (null))
  const [status, setStatus] = useState(IDLE)
  const listener = useLatest(onState)
  const source = useSource(medium, {
    ...(props.width && { width: props.width }),
    ...(props.height && { height: props.height })
  })
  useEffect(defineElements, [])
  useEffect(() => {
    if (element === null) return
    const look = (/** @type {Event} */ event) => {
      const { detail } = /** @type {CustomEvent<MediaStateDetail>} */ (event)
      const { url: _, ...now } = detail
      setStatus(now)
      listener.current?.(detail)
    }
    element.addEventListener('cloak-state', look)
    return () => element.removeEventListener('cloak-state', look)
  }, [element, listener])
  useEffect(() => {
    if (element !== null && client !== undefined) element.client = client
  }, [element, client])
  const both = useCallback(
    (/** @type {E | null} */ now) => {
      setElement(now)
      if (typeof ref === 'function') ref(now)
      else if (ref !== null) ref.current = now
    },
    [ref]
  )
  const isOut = fallback !== undefined && isWrong(status)
  return createElement(
    tag,
    { ...attributesOf(props, source), ref: both },
    children,
    placeholder && createElement('span', { slot: 'placeholder' }, placeholder),
    isOut && createElement('span', { slot: 'error' }, show(fallback, status))
  )
}

/**
 * Attributes of a custom element: React 18 writes what it is given as it stands, `false` too.
 *
 * @param {SecurePlayerProps} props
 * @param {import('./media-source.js').MediaSource | null} source
 */
function attributesOf(props, source) {
  const thumbnails = source?.thumbnails?.map((it) => (typeof it === 'string' ? it : it.url))
  return {
    id: props.id,
    class: props.className,
    style: props.style,
    src: source?.url,
    width: source?.width,
    height: source?.height,
    thumbnails: thumbnails?.join(' ') || undefined,
    thumbhash: source?.thumbHash,
    margin: props.margin,
    controls: props.controls || undefined,
    loop: props.loop || undefined,
    muted: props.muted || undefined,
    autoplay: props.autoPlay || undefined,
    playsinline: props.playsInline || undefined,
    preload: props.preload,
    crossorigin: props.crossOrigin
  }
}
