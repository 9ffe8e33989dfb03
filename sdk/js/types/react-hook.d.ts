import type { BindOptions, MediaState, MediaStateDetail } from './binding.js';
import type { MediaSource } from './media-source.js';
import type { AttachmentLike } from './source-of.js';
export type BoundElement = HTMLImageElement | HTMLMediaElement | HTMLAnchorElement;
export type SecureMediaOptions = Omit<MediaSource, 'url'> & BindOptions;
export type SecureMediaStatus = {
    state: MediaState;
    /**
     * stable code, if something is wrong
     */
    code?: string;
    /**
     * the rule that refused, such as `not_permitted`
     */
    reason?: string;
    /**
     * whether it is tried again by itself
     */
    retry?: boolean;
    /**
     * what is wrong, in words
     */
    message?: string;
    /**
     * tries again now
     */
    again: () => void;
};
export type SecureMedia<E extends BoundElement = BoundElement> = SecureMediaStatus & {
    ref: (element: E | null) => void;
};
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
export declare function useSecureMedia<E extends BoundElement = BoundElement>(medium: string | AttachmentLike | null | undefined, options?: SecureMediaOptions, onState?: (detail: MediaStateDetail) => void): SecureMedia<E>;
/**
 * What is known of a medium: the same object as long as that says the same. An attachment reads
 * with another token after each renewal, and a component makes its options anew at each render.
 *
 * @param {string | AttachmentLike | null | undefined} medium
 * @param {Partial<MediaSource>} options
 * @returns {MediaSource | null}
 */
export declare function useSource(medium: string | AttachmentLike | null | undefined, options: Partial<MediaSource>): MediaSource | null;
/**
 * @template T
 * @param {T} value
 */
export declare function useLatest<T>(value: T): import("react").RefObject<T>;
