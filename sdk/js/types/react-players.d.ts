import type { CSSProperties, ForwardRefExoticComponent, ReactNode, RefAttributes } from 'react';
import type { CloakAudio, CloakVideo } from './cloak-player.js';
import type { MediumProps } from './react-elements.js';
export type PlayerProps = {
    /**
     * pixels
     */
    width?: number;
    /**
     * pixels
     */
    height?: number;
    controls?: boolean;
    loop?: boolean;
    muted?: boolean;
    autoPlay?: boolean;
    playsInline?: boolean;
    preload?: 'none' | 'metadata' | 'auto';
    crossOrigin?: 'anonymous';
    /**
     * shown until it is there
     */
    placeholder?: ReactNode;
    /**
     * `<track>` elements
     */
    children?: ReactNode;
    id?: string;
    className?: string;
    style?: CSSProperties;
};
export type SecurePlayerProps = MediumProps & PlayerProps;
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
export declare const SecureVideo: ForwardRefExoticComponent<SecurePlayerProps & RefAttributes<CloakVideo>>;
/**
 * A sound that plays on while its URLs are renewed. The `ref` is a `<cloak-audio>`.
 *
 * @type {ForwardRefExoticComponent<SecurePlayerProps & RefAttributes<CloakAudio>>}
 */
export declare const SecureAudio: ForwardRefExoticComponent<SecurePlayerProps & RefAttributes<CloakAudio>>;
