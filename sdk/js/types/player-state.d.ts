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
 * Gives a player the volume, speed and text tracks of another one.
 *
 * @param {HTMLMediaElement} from
 * @param {HTMLMediaElement} to
 */
export declare function copySettings(from: HTMLMediaElement, to: HTMLMediaElement): void;
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
 * Waits for an event of a player.
 *
 * @param {HTMLMediaElement} player
 * @param {string} type
 * @param {AbortSignal} signal
 * @returns {Promise<void>} rejects with the event if the player fails, or when given up
 */
export declare function once(player: HTMLMediaElement, type: string, signal: AbortSignal): Promise<void>;
/**
 * Waits until a player has shown a frame after this moment, or played on where it shows none.
 *
 * @param {HTMLMediaElement} player
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export declare function presented(player: HTMLMediaElement, signal: AbortSignal): Promise<void>;
