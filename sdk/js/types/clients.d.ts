/** @import { App } from './app.js' */
import type { App } from './app.js';
/**
 * Says which app a client has initialised. Elements that name no client use the latest.
 *
 * @param {object} client
 * @param {App} app
 */
export declare function attachApp(client: object, app: App): void;
/**
 * @param {object | null} [client] `null` or none: the client that was initialised last
 * @returns {App | null} `null` before its `init`
 */
export declare function appOf(client?: object | null): App | null;
/**
 * @param {() => void} listener called when an app was initialised, when a session begins or ends, and
 *   when a page is seen or online again
 */
export declare function onApps(listener: () => void): void;
/** Tells that something changed that others may have waited for. */
export declare function announce(): void;
