import { Binding } from './binding.js';
import type { App } from './app.js';
import type { Opens } from './open-media.js';
import type { BindOptions, MediaState, MediaStateDetail, Surface, SurfaceHooks } from './binding.js';
import type { AttachmentLike } from './source-of.js';
import type { MediaSource } from './media-source.js';
/** @import { App, LocalCopy } from './app.js' */
/** @import { Opens } from './open-media.js' */
/** @import { BindOptions, MediaState, MediaStateDetail, Surface, SurfaceHooks } from './binding.js' */
/** @import { AttachmentLike } from './source-of.js' */
/** @import { MediaSource } from './media-source.js' */
/**
 * Keeps an `<img>` showing a medium: it loads near the viewport, in the version that fits, tries
 * once more when it is refused, gives its memory back far from the viewport, and leaves the screen
 * when the medium is taken back.
 *
 * @param {HTMLImageElement} image
 * @param {string | AttachmentLike} medium media URL, or an attachment
 * @param {Omit<MediaSource, 'url'> & BindOptions} [options]
 * @returns {Binding} `release()` it when the element leaves the page
 */
export declare function bindImage(image: HTMLImageElement, medium: string | AttachmentLike, options?: Omit<MediaSource, 'url'> & BindOptions): Binding;
/** An `<img>`. @implements {Surface} */
export declare class ImageSurface implements Surface {
    #private;
    element: HTMLElement;
    onState: (state: MediaState, detail: MediaStateDetail) => void;
    /** @type {SurfaceHooks | undefined} */
    hooks: SurfaceHooks | undefined;
    /**
     * @param {HTMLElement} element whose place decides
     * @param {HTMLImageElement} image
     * @param {MediaSource} source
     * @param {(state: MediaState, detail: MediaStateDetail) => void} [onState]
     */
    constructor(element: HTMLElement, image: HTMLImageElement, source: MediaSource, onState?: (state: MediaState, detail: MediaStateDetail) => void);
    /**
     * @param {Opens} opens
     * @param {App} app
     */
    show({ url }: Opens, app: App): Promise<void>;
    hide(): void;
    isBusy(): boolean;
    renewAt(): number;
    release(): void;
}
