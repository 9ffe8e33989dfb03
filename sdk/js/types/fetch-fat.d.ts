/** @import { App } from './app.js' */
import type { App } from './app.js';
/**
 * The FAT, after the renewal that is on its way if there is one.
 *
 * @param {App | null} app
 * @param {string} [refused] a token that was refused
 * @returns {Promise<string | null>} `null` if there is no valid one
 */
export declare function fetchFat(app: App | null, refused?: string): Promise<string | null>;
