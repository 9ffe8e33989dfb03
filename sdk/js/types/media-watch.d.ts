import type { Effects } from './effects.js';
import type { Sessions } from './session.js';
export type Gone = {
    url: string;
    reason: 'gone' | 'session_ended';
};
/**
 * Why a medium must leave the screen: it was taken back, or the whole session has ended.
 *
 * @typedef {{ url: string, reason: 'gone' | 'session_ended' }} Gone
 */
/** Hears from the server when a medium that is on the screen may not be seen any more. */
export declare class MediaWatch {
    #private;
    /**
     * @param {Sessions} sessions
     * @param {Effects} effects
     */
    constructor(sessions: Sessions, effects: Effects);
    /**
     * @param {string} url clean media URL
     * @param {(gone: Gone) => void} listener called at most once
     * @returns {() => void} stops watching
     */
    watch(url: string, listener: (gone: Gone) => void): () => void;
    /** A session began or ended: what was watched in another one is over. */
    sessionChanged(): void;
}
