import { CometChatException } from './exception.js';
import type { App } from './app.js';
export type Opens = {
    url: string;
    expiresAt: number;
};
/**
 * A URL that opens now.
 *
 * @typedef {{ url: string, expiresAt: number }} Opens `expiresAt` in seconds by the server's
 *   clock, `Infinity` if it never does
 */
/**
 * The URL by which an element loads a medium, as the secure media mode wants it.
 *
 * @param {App} app
 * @param {string} url media URL, with or without a credential
 * @param {string} [used] one that was refused, or is about to end
 * @returns {Promise<Opens>}
 * @throws {CometChatException}
 */
export declare function openMedia(app: App, url: string, used?: string): Promise<Opens>;
/**
 * Asks the secure media host why a URL does not open, once for all that fail meanwhile, and
 * takes a refused FAT out of use.
 *
 * @param {App} app
 * @param {string} url as it was loaded
 * @returns {Promise<CometChatException | null>} `null` if it opens
 */
export declare function whyRefused({ asking, sessions, effects }: App, url: string): Promise<CometChatException | null>;
