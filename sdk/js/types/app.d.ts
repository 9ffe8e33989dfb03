import { CometChatException } from './exception.js';
import type { AppSettings } from './app-settings.js';
import type { Effects } from './effects.js';
import type { Loads } from './media-statistics.js';
import type { Gone } from './media-watch.js';
import type { Presigner } from './presign-batch.js';
import type { ServerClock } from './server-clock.js';
import type { EndReason, Session, Sessions } from './session.js';
import type { AppStorage } from './storage.js';
export type SessionListener = (ended: EndReason | null, session?: Session) => void;
export type Feature = (app: App) => void;
export type LocalCopy = {
    url: string;
    release: () => void;
};
export type App = {
    appId: string;
    settings: AppSettings;
    effects: Effects;
    clock: ServerClock;
    storage: AppStorage;
    sessions: Sessions;
    presigned: Presigner;
    isEmbedded: boolean;
    /**
     * watches a medium
     * on the screen; nothing is told unless a feature took this slot
     */
    watchClean: (clean: string, listener: (gone: Gone) => void) => () => void;
    /**
     * opens an image by a copy that the
     * host confirmed; left out unless the app keeps bytes
     */
    localCopy?: (url: string) => Promise<LocalCopy | null>;
    /**
     * URLs whose host is being asked why
     */
    asking: Map<string, Promise<CometChatException | null>>;
    /**
     * what media cost
     */
    loads: Loads;
    /**
     * the listener is called with `null` when
     * a session begins, else with how it ended; what comes back stops it
     */
    onSession: (listener: SessionListener) => () => void;
    /**
     * the clean media URL; `null` if it is no protected
     * media of this app
     */
    clean: (url: unknown) => string | null;
    /**
     * what a URL of a message object reads as now: with the FAT,
     * if the mode is `EMBEDDED` and it is a media URL of this app
     */
    render: (url: string) => string;
    presign: (url: string, fresh?: boolean) => Promise<string>;
};
/** @import { AppSettings } from './app-settings.js' */
/** @import { Effects } from './effects.js' */
/** @import { Loads } from './media-statistics.js' */
/** @import { Gone } from './media-watch.js' */
/** @import { Presigner } from './presign-batch.js' */
/** @import { ServerClock } from './server-clock.js' */
/** @import { EndReason, Session, Sessions } from './session.js' */
/** @import { AppStorage } from './storage.js' */
/** @typedef {(ended: EndReason | null, session?: Session) => void} SessionListener */
/**
 * A part that an app works without: it takes hold of the app's slots and session.
 *
 * @typedef {(app: App) => void} Feature
 */
/**
 * A copy of a medium in this browser.
 *
 * @typedef {{ url: string, release: () => void }} LocalCopy
 */
/**
 * One initialised app: its settings, its session, and its presigned URLs.
 *
 * @typedef {object} App
 * @property {string} appId
 * @property {AppSettings} settings
 * @property {Effects} effects
 * @property {ServerClock} clock
 * @property {AppStorage} storage
 * @property {Sessions} sessions
 * @property {Presigner} presigned
 * @property {boolean} isEmbedded
 * @property {(clean: string, listener: (gone: Gone) => void) => () => void} watchClean watches a medium
 *   on the screen; nothing is told unless a feature took this slot
 * @property {(url: string) => Promise<LocalCopy | null>} [localCopy] opens an image by a copy that the
 *   host confirmed; left out unless the app keeps bytes
 * @property {Map<string, Promise<CometChatException | null>>} asking URLs whose host is being asked why
 * @property {Loads} loads what media cost
 * @property {(listener: SessionListener) => () => void} onSession the listener is called with `null` when
 *   a session begins, else with how it ended; what comes back stops it
 * @property {(url: unknown) => string | null} clean the clean media URL; `null` if it is no protected
 *   media of this app
 * @property {(url: string) => string} render what a URL of a message object reads as now: with the FAT,
 *   if the mode is `EMBEDDED` and it is a media URL of this app
 * @property {(url: string, fresh?: boolean) => Promise<string>} presign
 */
/**
 * @param {string} appId
 * @param {AppSettings} settings
 * @param {Effects} effects
 * @param {readonly Feature[]} features
 * @returns {App}
 * @throws {CometChatException} `ERR_BAD_REQUEST` if the settings name no usable host
 */
export declare function createApp(appId: string, settings: AppSettings, effects: Effects, features: readonly Feature[]): App;
