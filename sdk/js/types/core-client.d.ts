import { AppSettingsBuilder } from './app-settings.js';
import { User } from './entities.js';
import { CometChatException } from './exception.js';
import { Helper } from './helper.js';
import type { App, Feature } from './app.js';
import type { AppSettings } from './app-settings.js';
import type { Effects } from './effects.js';
export type PresignResult = {
    url: string;
    presignedUrl: string;
    error?: undefined;
} | {
    url: string;
    presignedUrl?: undefined;
    error: CometChatException;
};
/** @import { App, Feature } from './app.js' */
/** @import { AppSettings } from './app-settings.js' */
/** @import { Effects } from './effects.js' */
/**
 * What became of one URL of `fetchPresignedUrls`: exactly one of `presignedUrl` and `error`.
 *
 * @typedef {{ url: string, presignedUrl: string, error?: undefined }
 *   | { url: string, presignedUrl?: undefined, error: CometChatException }} PresignResult
 */
/**
 * Sessions and media, without messages: what an app needs that brings its own messages. Its methods
 * may be passed on without the client in front.
 */
export declare class CoreClient {
    #private;
    SecureMediaMode: Readonly<{
        EMBEDDED: 0;
        HEADER_BASED: 1;
    }>;
    StorageMode: Readonly<{
        LOCAL: 'local';
        SESSION: 'session';
    }>;
    AppSettingsBuilder: typeof AppSettingsBuilder;
    CometChatException: typeof CometChatException;
    /** @type {Helper} */
    CometChatHelper: Helper;
    /**
     * @param {Partial<Effects>} [effects] replaces parts of the surroundings, for tests
     * @param {readonly Feature[]} [features] parts that an app works without
     */
    constructor(effects?: Partial<Effects>, features?: readonly Feature[]);
    /**
     * Prepares one app, and takes up a session that was stored before, without waiting for the
     * server.
     *
     * @param {string} appId
     * @param {AppSettings} settings made by `CometChat.AppSettingsBuilder`
     * @returns {Promise<boolean>} `true`
     * @throws {CometChatException} `ERR_BAD_REQUEST` without an app id, or without
     *   `overrideClientHost`: there is no default host
     */
    init(appId: string, settings: AppSettings): Promise<boolean>;
    /** @returns {boolean} whether `init` has been called */
    isInitialized(): boolean;
    /**
     * Logs a user in, by an auth token of the app's back end, or by uid and auth key.
     *
     * @param {string} uidOrAuthToken uid if an `authKey` follows, else an auth token
     * @param {string} [authKey] for development only: whoever holds it can be anybody
     * @returns {Promise<User>}
     * @throws {CometChatException} `ERR_NETWORK`, `ERR_INVALID_RESPONSE`, `LOGIN_IN_PROGRESS`, or
     *   the server's code
     */
    login(uidOrAuthToken: string, authKey?: string): Promise<User>;
    /** @returns {Promise<User | null>} who is logged in; `null` if nobody is. Asks no server */
    getLoggedinUser(): Promise<User | null>;
    /**
     * Ends the session: here whatever happens, and at the server.
     *
     * @returns {Promise<Record<string, any>>}
     * @throws {CometChatException} `ERR_NOT_LOGGED_IN`, or what kept the server from hearing of it
     */
    logout(): Promise<Record<string, any>>;
    /**
     * Tells when a session has ended other than by `logout` here: the server ended it, or another tab
     * logged out. Ask the user to log in again.
     *
     * @param {(error: CometChatException) => void} listener its `code` is `ERR_SESSION_ENDED`
     * @returns {() => void} stops telling
     * @throws {CometChatException} `ERR_BAD_REQUEST` before `init`
     */
    onSessionExpired(listener: (error: CometChatException) => void): () => void;
    /**
     * The File Access Token of this session, exactly as it stands in `?fat=`.
     *
     * @returns {string | null} `null` if there is none, it has expired, or it was refused
     */
    getFat(): string | null;
    /**
     * Resolves a clean media URL to one that opens without headers, for a limited time.
     *
     * Gives `url` back unchanged, and never throws, when there is nothing to resolve: it is not a
     * URL, it is no media URL of this app, or protection is off for this app.
     *
     * @param {string} url media URL of a message
     * @param {{ fresh?: boolean }} [options] `fresh`: ask the server even if a URL is cached
     * @returns {Promise<string>}
     * @throws {CometChatException} `ERR_NETWORK` or `ERR_INVALID_RESPONSE` if asking again may
     *   help, `ERR_NOT_LOGGED_IN` if the session has ended, or why this file is refused
     */
    fetchPresignedUrl(url: string, options?: {
        fresh?: boolean;
    }): Promise<string>;
    /**
     * Resolves many media URLs at once; one that fails does not fail the others.
     *
     * @param {string[]} urls
     * @returns {Promise<PresignResult[]>} in the order of `urls`
     */
    fetchPresignedUrls(urls: string[]): Promise<PresignResult[]>;
}
/**
 * @param {object} client
 * @returns {App}
 * @throws {CometChatException} `ERR_BAD_REQUEST` before `init`
 */
export declare function initialised(client: object): App;
/**
 * @param {App} app
 * @param {any} raw user as the server sent it
 * @returns {User} whose avatar reads with the FAT of that moment
 */
export declare function toUser(app: App, raw: any): User;
