/** @import { App } from './app.js' */
import type { App } from './app.js';
/**
 * Has the browser drop its copies of media when the user logs out.
 *
 * The secure media host answers `Clear-Site-Data: "cache"` to a session that has ended. Nobody else
 * can bring a page to do this: the token must be genuine.
 *
 * @param {App} app
 */
export declare function clearCopies(app: App): void;
