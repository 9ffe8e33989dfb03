import { Binding } from './binding.js';
import type { App } from './app.js';
import type { Opens } from './open-media.js';
import type { BindOptions, MediaState, MediaStateDetail, Surface, SurfaceHooks } from './binding.js';
import type { MediaSource } from './media-source.js';
import type { AttachmentLike } from './source-of.js';
/**
 * Keeps a `<video>` or `<audio>` of the page playing a medium. When its URL ends, the player loads
 * another one and goes on where it was, with its volume, speed and text tracks; `<cloak-video>`
 * does that without a gap.
 *
 * @param {HTMLMediaElement} player
 * @param {string | AttachmentLike} medium media URL, or an attachment
 * @param {Omit<MediaSource, 'url'> & BindOptions} [options]
 * @returns {Binding} `release()` it when the element leaves the page
 */
export declare function bindPlayer(player: HTMLMediaElement, medium: string | AttachmentLike, options?: Omit<MediaSource, 'url'> & BindOptions): Binding;
/** A `<video>` or `<audio>`. @implements {Surface} */
export declare class PlayerSurface implements Surface {
    #private;
    element: HTMLElement;
    onState: (state: MediaState, detail: MediaStateDetail) => void;
    /** @type {HTMLMediaElement} */
    player: HTMLMediaElement;
    /** @type {SurfaceHooks | undefined} */
    hooks: SurfaceHooks | undefined;
    /**
     * @param {HTMLElement} element whose place decides
     * @param {HTMLMediaElement} player
     * @param {(state: MediaState, detail: MediaStateDetail) => void} [onState]
     */
    constructor(element: HTMLElement, player: HTMLMediaElement, onState?: (state: MediaState, detail: MediaStateDetail) => void);
    /** @param {HTMLMediaElement} player that takes the place of the present one */
    replace(player: HTMLMediaElement): void;
    /**
     * @param {Opens} opens
     * @param {App} _app
     */
    show({ url }: Opens, _app: App): Promise<void>;
    /**
     * Goes on by another URL.
     *
     * @param {string} url
     * @param {AbortSignal} signal
     */
    renew(url: string, signal: AbortSignal): Promise<void>;
    /** Plays as soon as there is something to play. */
    playWhenShown(): void;
    hide(): void;
    isBusy(): boolean;
    /** @param {Opens} opens */
    renewAt({ expiresAt }: Opens): number;
    release(): void;
}
