import type { Surface } from './binding.js';
import type { MediaSource } from './media-source.js';
export type PlayerSurface = Surface & {
    player: HTMLMediaElement;
    renew: (url: string, signal: AbortSignal) => Promise<void>;
    playWhenShown: () => void;
    isBusy: () => boolean;
};
/**
 * What shows a medium in a player.
 *
 * @typedef {Surface & {
 *   player: HTMLMediaElement,
 *   renew: (url: string, signal: AbortSignal) => Promise<void>,
 *   playWhenShown: () => void,
 *   isBusy: () => boolean
 * }} PlayerSurface `player` may be replaced by another one, `renew` goes on by another URL,
 *   `playWhenShown` plays as soon as there is something to play
 */
/**
 * Keeps a `<video>` or `<audio>` playing a medium. When its URL ends, the player loads another one and
 * goes on where it was, with its volume, speed and text tracks; `<cloak-video>` does that without a
 * gap.
 *
 * @param {HTMLMediaElement} player
 * @param {MediaSource} source
 * @param {HTMLElement} [root] the player, or what every player that may replace it is inside of
 * @returns {PlayerSurface}
 */
export declare function playerSurface(player: HTMLMediaElement, source: MediaSource, root?: HTMLElement): PlayerSurface;
/** @param {HTMLMediaElement} player */
export declare function unload(player: HTMLMediaElement): void;
