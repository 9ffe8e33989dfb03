import type { ComponentPropsWithoutRef, ReactElement, ReactNode } from 'react';
import type { MediaStateDetail } from './binding.js';
import type { SecureMediaStatus } from './react-hook.js';
import type { AttachmentLike } from './source-of.js';
export type Fallback = ReactNode | ((status: SecureMediaStatus) => ReactNode);
export type MediumProps = {
    /**
     * media URL, or an attachment of a
     * message
     */
    medium: string | AttachmentLike | null | undefined;
    fallback?: Fallback;
    /**
     * whose session it is; the client that was initialised last if left out
     */
    client?: object;
    /**
     * how near to the viewport it loads, as in `rootMargin`
     */
    margin?: string;
    /**
     * called at every change
     */
    onState?: (detail: MediaStateDetail) => void;
};
export type SecureImageProps = MediumProps & Omit<ComponentPropsWithoutRef<'img'>, 'src' | 'srcSet'>;
export type SecureFileProps = MediumProps & Omit<ComponentPropsWithoutRef<'a'>, 'href'>;
/**
 * An `<img>` that shows a medium.
 *
 * @param {SecureImageProps} props
 * @returns {ReactElement}
 */
export declare function SecureImage({ medium, fallback, client, margin, onState, ...props }: SecureImageProps): ReactElement;
/**
 * An `<a>` that opens a file.
 *
 * @param {SecureFileProps} props
 * @returns {ReactElement}
 */
export declare function SecureFile({ medium, fallback, client, margin, onState, children, ...props }: SecureFileProps): ReactElement;
/**
 * @param {Fallback} fallback
 * @param {SecureMediaStatus} status
 * @returns {ReactNode}
 */
export declare function show(fallback: Fallback, status: SecureMediaStatus): ReactNode;
/** @param {SecureMediaStatus} status */
export declare function isWrong({ state }: SecureMediaStatus): boolean;
