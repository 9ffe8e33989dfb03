import type { BindOptions, Binding, Surface } from './binding.js';
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
export type PlayerSurface = Surface & {
    player: HTMLMediaElement;
    replace: (player: HTMLMediaElement) => void;
    renew: (url: string, signal: AbortSignal) => Promise<void>;
    playWhenShown: () => void;
    isBusy: () => boolean;
    release: () => void;
};
/**
 * What shows a medium in a player.
 *
 * @typedef {Surface & {
 *   player: HTMLMediaElement,
 *   replace: (player: HTMLMediaElement) => void,
 *   renew: (url: string, signal: AbortSignal) => Promise<void>,
 *   playWhenShown: () => void,
 *   isBusy: () => boolean,
 *   release: () => void
 * }} PlayerSurface `replace` takes another player in place of the present one, `renew` goes on by
 *   another URL, `playWhenShown` plays as soon as there is something to play
 */
/**
 * @param {HTMLMediaElement} player
 * @param {MediaSource} source
 * @param {Surface['onState']} [onState]
 * @returns {PlayerSurface}
 */
export declare function playerSurface(player: HTMLMediaElement, source: MediaSource, onState?: Surface['onState']): PlayerSurface;
/** @param {HTMLMediaElement} player */
export declare function unload(player: HTMLMediaElement): void;
