import { Binding } from './binding.js';
import type { Opens } from './open-media.js';
import type { BindOptions, MediaState, MediaStateDetail, Surface, SurfaceHooks } from './binding.js';
import type { AttachmentLike } from './source-of.js';
/**
 * Keeps an `<a>` pointing to a URL of a medium that opens.
 *
 * @param {HTMLAnchorElement} link
 * @param {string | AttachmentLike} medium media URL, or an attachment
 * @param {BindOptions} [options]
 * @returns {Binding} `release()` it when the element leaves the page
 */
export declare function bindLink(link: HTMLAnchorElement, medium: string | AttachmentLike, options?: BindOptions): Binding;
/** An `<a>`. @implements {Surface} */
export declare class LinkSurface implements Surface {
    #private;
    element: HTMLElement;
    onState: (state: MediaState, detail: MediaStateDetail) => void;
    /** @type {SurfaceHooks | undefined} */
    hooks: SurfaceHooks | undefined;
    /**
     * @param {HTMLElement} element whose place decides
     * @param {HTMLAnchorElement} link
     * @param {(state: MediaState, detail: MediaStateDetail) => void} [onState]
     */
    constructor(element: HTMLElement, link: HTMLAnchorElement, onState?: (state: MediaState, detail: MediaStateDetail) => void);
    /** @param {Opens} opens */
    show({ url }: Opens): Promise<void>;
    hide(): void;
    isBusy(): boolean;
    /** @param {Opens} opens */
    renewAt({ expiresAt }: Opens): number;
    release(): void;
}
