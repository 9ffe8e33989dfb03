import { Sessions } from './session.js';
import type { AppSettings } from './app-settings.js';
import type { Effects } from './effects.js';
import type { Gone } from './media-watch.js';
/** @import { AppSettings } from './app-settings.js' */
/** @import { Effects } from './effects.js' */
/** @import { Gone } from './media-watch.js' */
/** One initialised app: its settings, its session, and its presigned URLs. */
export declare class App {
    #private;
    /** @type {AppSettings} */
    settings: AppSettings;
    appId: string;
    effects: Effects;
    /** @type {Sessions} */
    sessions: Sessions;
    /**
     * @param {string} appId
     * @param {AppSettings} settings
     * @param {Effects} effects
     * @throws {CometChatException} `ERR_BAD_REQUEST` if the settings name no usable host
     */
    constructor(appId: string, settings: AppSettings, effects: Effects);
    /**
     * What a URL of a message object reads as now.
     *
     * @param {string} url as the server sent it
     * @returns {string} with the FAT, if the mode is `EMBEDDED` and it is a media URL of this app
     */
    render(url: string): string;
    /** Waits for what messages are rendered with, if it is missing and may come. */
    settle(): Promise<void>;
    /**
     * @param {string} [refused]
     * @returns {Promise<string | null>}
     */
    fetchFat(refused?: string): Promise<string | null>;
    /**
     * @param {string} url
     * @param {boolean} fresh
     * @returns {Promise<string>}
     */
    presign(url: string, fresh: boolean): Promise<string>;
    /**
     * @param {string} url
     * @param {(gone: Gone) => void} listener
     * @returns {() => void}
     */
    watch(url: string, listener: (gone: Gone) => void): () => void;
    /**
     * Learns from a URL that a page could not show. An element with a File Access Token in its URL is
     * given one more try, with the token of that moment: what failed may be a copy in the cache whose
     * own token has ended.
     *
     * @param {string} url
     * @param {{ src?: unknown }} element
     * @returns {boolean} whether the element is given another try
     */
    noteFailure(url: string, element: {
        src?: unknown;
    }): boolean;
}
