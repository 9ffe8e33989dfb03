import { CloakElement } from './cloak-element.js';
import type { PlayerSurface } from './bind-player.js';
import type { MediaSource } from './media-source.js';
/** What is the same of the element as of the player inside. */
declare const SHARED: readonly ["currentTime", "duration", "ended", "volume", "muted", "playbackRate", "textTracks"];
/**
 * @type {Omit<typeof CloakElement, 'prototype'> & (new (medium: HTMLElement) => CloakElement &
 *   Pick<HTMLMediaElement, typeof SHARED[number]>)}
 */
declare const Shared: Omit<typeof CloakElement, 'prototype'> & (new (medium: HTMLElement) => CloakElement & Pick<HTMLMediaElement, typeof SHARED[number]>);
/**
 * A player that goes on through renewals: a second one is made ready, and takes the first one's
 * place at the same moment of the medium.
 */
declare class CloakPlayer extends Shared {
    #private;
    static passedOn: string[];
    /** @param {'video' | 'audio'} tag */
    constructor(tag: 'video' | 'audio');
    /** The player inside at this moment: after a renewal it is another one. */
    get player(): HTMLMediaElement;
    get paused(): boolean;
    /** Plays now, or as soon as there is something to play. */
    play(): Promise<void>;
    pause(): void;
    /** @param {string} name */
    pass(name: string): void;
    /** @param {MediaSource} source */
    surfaceOf(source: MediaSource): PlayerSurface;
}
/** `<cloak-video src poster controls …>`: a film that plays on while its URLs are renewed. */
export declare class CloakVideo extends CloakPlayer {
    constructor();
}
/** `<cloak-audio src controls …>`: a sound that plays on while its URLs are renewed. */
export declare class CloakAudio extends CloakPlayer {
    constructor();
}
export {};
