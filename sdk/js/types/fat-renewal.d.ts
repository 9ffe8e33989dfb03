import type { Effects } from './effects.js';
import type { ServerClock } from './server-clock.js';
import type { Sessions } from './session.js';
/** Keeps the FAT of a session fresh: one renewal for all who ask, and ever more slowly on failure. */
export declare class FatRenewal {
    #private;
    /** Renewals that the server answered. */
    done: number;
    /**
     * @param {Sessions} sessions
     * @param {ServerClock} clock
     * @param {Effects} effects
     */
    constructor(sessions: Sessions, clock: ServerClock, effects: Effects);
    /** Renews in the background if the time has come. */
    ifDue(): void;
    /** Renews, once for all who ask meanwhile. What fails is tried again later. */
    start(): void;
    /** Waits for the renewal that is under way, if one is. */
    settle(): Promise<void>;
    /** Begins anew, for another session or for none. */
    reset(): void;
    /** Looks again when the FAT of the present session is due. */
    schedule(): void;
}
