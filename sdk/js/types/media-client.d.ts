import { CoreClient } from './core-client.js';
import type { Effects } from './effects.js';
import type { MediaStatistics } from './media-statistics.js';
import type { Gone } from './media-watch.js';
import type { WithAttachments } from './prefetch.js';
/** Sessions and all that shows media, without messages. */
export declare class MediaClient extends CoreClient {
    /** @param {Partial<Effects>} [effects] replaces parts of the surroundings, for tests */
    constructor(effects?: Partial<Effects>);
    /**
     * The File Access Token, after the renewal that is on its way if there is one.
     *
     * @param {string} [refused] a token that was answered with 401: if it is still in use, another
     *   one is asked for first
     * @returns {Promise<string | null>} `null` if there is no valid one
     */
    fetchFat(refused?: string): Promise<string | null>;
    /**
     * Tells when a medium that is on the screen may not be seen any more: it was taken back, the
     * user was removed from its conversation, or the session has ended. Take it off the screen then.
     *
     * Nothing is watched, and nothing told, where the URL is no protected medium of this app.
     *
     * @param {string} url media URL of a message, with or without its token
     * @param {(gone: Gone) => void} listener called at most once
     * @returns {() => void} stops watching; call it when the medium leaves the page
     */
    watchMedia(url: string, listener: (gone: Gone) => void): () => void;
    /**
     * Resolves the pictures of messages before they come near the screen, in one call, and loads the
     * smallest version of each into the browser's cache. Never rejects: what fails is asked for again
     * when it is shown.
     *
     * @param {readonly WithAttachments[]} messages
     * @returns {Promise<void>} when all are resolved
     */
    prefetch(messages: readonly WithAttachments[]): Promise<void>;
    /**
     * What media cost so far: calls, URLs, renewals, and what the browser had to load of them.
     *
     * @returns {MediaStatistics}
     */
    mediaStatistics(): MediaStatistics;
}
