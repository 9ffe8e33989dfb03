/** @import { App } from './app.js' */
import type { App } from './app.js';
/**
 * Has the browser drop its copies of media when the user logs out.
 *
 * The secure media host answers `Clear-Site-Data: "cache"` to a session that has ended. Nobody else
 * can bring a page to do this: the credential must be genuine. In header mode it is a presigned URL,
 * since no token is to stand in a URL there; once that has expired, nothing is cleared.
 *
 * @param {App} app
 */
export declare function clearCopies({ presigned, effects, isEmbedded, sessions, onSession }: App): void;
