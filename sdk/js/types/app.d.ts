import { CometChatException } from './exception.js';
import type { AppSettings } from './app-settings.js';
import type { Effects } from './effects.js';
import type { Gone } from './media-watch.js';
import type { EndReason, Session } from './session.js';
export type Feature = (app: App) => void;
export type LocalCopy = {
    url: string;
    release: () => void;
};
/** @import { AppSettings } from './app-settings.js' */
/** @import { Effects } from './effects.js' */
/** @import { Gone } from './media-watch.js' */
/** @import { EndReason, Session } from './session.js' */
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
/** One initialised app: its settings, its session, and its presigned URLs. */
export declare class App {
    #private;
    appId: string;
    settings: AppSettings;
    effects: Effects;
    clock: {
        offset: number;
        now: () => number;
        set(serverTime: unknown): void;
    };
    storage: {
        read(name: string): Record<string, unknown> | null;
        write(name: string, value: object): void;
        remove(name: string): void;
    };
    sessions: {
        secureMediaHost: string | null;
        settings: Record<string, unknown>;
        onChange: (ended: EndReason | null, session?: Session) => void;
        loggedOut: Promise<void>;
        tabs: import("./session.js").Tabs;
        renewals: number;
        readonly current: Session | null;
        readonly fat: string | null;
        restore(): void;
        login(uidOrAuthToken: string, apiKey?: string): Promise<Session>;
        logout(): Promise<Record<string, any>>;
        call: (call: import("./api.js").Call) => Promise<import("./api.js").Answer>;
        credentials: () => {
            base: string;
            headers: Record<string, string>;
        };
        noteRefusal: (details: any, session?: Session | null) => void;
        renew: () => void;
        renewIfDue: () => void;
        schedule: () => void;
        settleFat(): Promise<void>;
        endedElsewhere: (session: Session) => void;
        dispose(): void;
    };
    presigned: {
        newest: string | null;
        calls: number;
        urls: number;
        lookAhead: (asked: string[], most: number) => string[];
        onPresigned: (entries: [string, string, number][]) => void;
        get(url: string): string | undefined;
        set(url: string, presignedUrl: string, expiresAt: number): void;
        expiresAt: (url: string) => number;
        drop: (url: string) => undefined;
        clear(): void;
        ask(url: string, fresh?: boolean): Promise<string>;
    };
    /**
     * Watches a medium on the screen; nothing is told unless a feature took this slot.
     *
     * @type {(clean: string, listener: (gone: Gone) => void) => () => void}
     */
    watchClean: (clean: string, listener: (gone: Gone) => void) => () => void;
    /**
     * Opens an image by a copy that the host confirmed; left out unless the app keeps bytes.
     *
     * @type {((url: string) => Promise<LocalCopy | null>) | undefined}
     */
    localCopy: ((url: string) => Promise<LocalCopy | null>) | undefined;
    /** URLs whose host is being asked why. @type {Map<string, Promise<CometChatException | null>>} */
    asking: Map<string, Promise<CometChatException | null>>;
    /** Copies that were confirmed, and what they weigh. */
    counts: {
        copiesConfirmed: number;
        copyBytesSaved: number;
    };
    /**
     * @param {string} appId
     * @param {AppSettings} settings
     * @param {Effects} effects
     * @param {readonly Feature[]} features
     * @throws {CometChatException} `ERR_BAD_REQUEST` if the settings name no usable host
     */
    constructor(appId: string, settings: AppSettings, effects: Effects, features: readonly Feature[]);
    /**
     * @param {(ended: EndReason | null, session?: Session) => void} listener called with `null`
     *   when a session begins, else with how it ended
     * @returns {() => void} stops it
     */
    onSession(listener: (ended: EndReason | null, session?: Session) => void): () => void;
    /**
     * @param {unknown} url
     * @returns {string | null} the clean media URL; `null` if it is no protected media of this app
     */
    clean(url: unknown): string | null;
    /** @returns {boolean} */
    get isEmbedded(): boolean;
    /**
     * What a URL of a message object reads as now.
     *
     * @param {string} url as the server sent it
     * @returns {string} with the FAT, if the mode is `EMBEDDED` and it is a media URL of this app
     */
    render(url: string): string;
    /**
     * @param {string} url
     * @param {boolean} [fresh]
     * @returns {Promise<string>}
     */
    presign(url: string, fresh?: boolean): Promise<string>;
}
