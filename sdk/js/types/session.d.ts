import type { Answer, Api, Call } from './api.js';
import type { Effects } from './effects.js';
import type { Fat } from './fat.js';
import type { ServerClock } from './server-clock.js';
import type { AppStorage } from './storage.js';
export type Session = {
    authToken: string;
    /**
     * as the server sent it, without its tokens
     */
    user: Record<string, any>;
    fat: Fat | null;
    /**
     * as the FATs of it tell; `null` if there never was one
     */
    id: string | null;
    /**
     * whether the server was asked for it since this page was loaded
     */
    isConfirmed: boolean;
};
export type EndReason = 'logout' | 'expired' | 'elsewhere';
export type Tabs = {
    /**
     * runs it while no other tab does
     */
    alone: <T>(work: () => Promise<T>) => Promise<T>;
    /**
     * that it was renewed, or has ended
     */
    tell: (session: Session, hasEnded?: boolean) => void;
};
export type Sessions = ReturnType<typeof createSessions>;
/** @import { Answer, Api, Call } from './api.js' */
/** @import { Effects } from './effects.js' */
/** @import { Fat } from './fat.js' */
/** @import { ServerClock } from './server-clock.js' */
/** @import { AppStorage } from './storage.js' */
/**
 * One login of one user.
 *
 * @typedef {object} Session
 * @property {string} authToken
 * @property {Record<string, any>} user as the server sent it, without its tokens
 * @property {Fat | null} fat
 * @property {string | null} id as the FATs of it tell; `null` if there never was one
 * @property {boolean} isConfirmed whether the server was asked for it since this page was loaded
 */
/** How a session ended: here by `logout`, by the server, or in another tab. @typedef {'logout' | 'expired' | 'elsewhere'} EndReason */
/**
 * What the tabs of one session do together.
 *
 * @typedef {object} Tabs
 * @property {<T>(work: () => Promise<T>) => Promise<T>} alone runs it while no other tab does
 * @property {(session: Session, hasEnded?: boolean) => void} tell that it was renewed, or has ended
 */
/** @typedef {ReturnType<typeof createSessions>} Sessions */
/**
 * The session of one app: logs in and out, survives a reload, keeps its FAT fresh by one renewal
 * for all who ask, and ever more slowly on failure.
 *
 * @param {string} appId
 * @param {Api} api
 * @param {string} adminBase takes the calls with an auth key
 * @param {AppStorage} storage
 * @param {ServerClock} clock
 * @param {Effects} effects
 */
export declare function createSessions(appId: string, api: Api, adminBase: string, storage: AppStorage, clock: ServerClock, effects: Effects): {
    /** Where protected media begin; `null` while protection is off. @type {string | null} */
    secureMediaHost: string | null;
    /** The settings of `PUT me`; empty until it was answered. @type {Record<string, unknown>} */
    settings: Record<string, unknown>;
    /**
     * Called when a session begins (`null`) or has ended, and then with the session that it was.
     *
     * @type {(ended: EndReason | null, session?: Session) => void}
     */
    onChange: (ended: EndReason | null, session?: Session) => void;
    /** Settles once the server has heard of the last logout, or could not be reached. @type {Promise<unknown>} */
    loggedOut: Promise<unknown>;
    /** Other tabs with this session. @type {Tabs} */
    tabs: Tabs;
    /** Renewals that the server answered. */
    renewals: number;
    /** @returns {Session | null} */
    readonly current: Session | null;
    /** @returns {string | null} the compact JWS, or `null` if there is no valid one */
    readonly fat: string | null;
    /** Takes up the stored session, at once, and asks the server about it in the background. */
    restore(): void;
    /**
     * @param {string} uidOrAuthToken uid if an `authKey` follows
     * @param {string} [apiKey]
     */
    login(uidOrAuthToken: string, apiKey?: string): Promise<Session>;
    /**
     * Ends the session here whatever happens, and at the server if it can be reached.
     *
     * @returns {Promise<Record<string, any>>}
     */
    logout(): Promise<Record<string, any>>;
    /**
     * Makes a call in the name of the logged-in user.
     *
     * @param {Call} call
     * @returns {Promise<Answer>}
     */
    call: (call: Call) => Promise<Answer>;
    /**
     * What a transfer of bytes says to be made in the name of the logged-in user.
     *
     * @returns {{ base: string, headers: Record<string, string> }}
     * @throws {CometChatException} `ERR_NOT_LOGGED_IN`
     */
    credentials: () => {
        base: string;
        headers: Record<string, string>;
    };
    end: (session: Session, reason: EndReason) => void;
    noteRefusal: (details: any, session?: Session | null) => void;
    renew: () => void;
    renewIfDue: () => void;
    schedule: () => void;
    /** Waits for a FAT if one is missing and may come; never rejects. */
    settleFat(): Promise<void>;
    /** Forgets timers and listeners; the stored session stays. */
    dispose(): void;
};
