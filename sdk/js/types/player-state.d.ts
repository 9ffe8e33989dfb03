/**
 * What a listener would notice if it were lost.
 *
 * @typedef {object} PlayerState
 * @property {number} time seconds
 * @property {boolean} isPlaying
 */
export type PlayerState = {
    /**
     * seconds
     */
    time: number;
    isPlaying: boolean;
};
/**
 * @param {HTMLMediaElement} player
 * @returns {PlayerState}
 */
export declare function playerState(player: HTMLMediaElement): PlayerState;
/**
 * @param {HTMLMediaElement} player
 * @returns {TextTrackMode[]} what each text track does
 */
export declare function trackModes({ textTracks }: HTMLMediaElement): TextTrackMode[];
/**
 * @param {readonly TextTrackMode[]} modes
 * @param {HTMLMediaElement} to
 */
export declare function copyTracks(modes: readonly TextTrackMode[], to: HTMLMediaElement): void;
/**
 * Waits for an event of an image or player. Nobody else hears that it failed: the page does once
 * there is no way round it.
 *
 * @param {HTMLElement} element
 * @param {string} type
 * @param {AbortSignal} signal
 * @returns {Promise<void>} rejects with the event if the element fails, or when given up
 */
export declare function once(element: HTMLElement, type: string, signal: AbortSignal): Promise<void>;
