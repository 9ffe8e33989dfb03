import type { App } from './app.js';
/**
 * Learns from every image, video or audio of the page that failed to load, unless it is bound.
 *
 * A presigned URL that failed is dropped, so that who asks again gets a fresh one. An element with a
 * File Access Token in its URL is given one more try, with the token of that moment: what failed may
 * be a copy in the cache whose own token has ended.
 *
 * @param {App} app
 */
export declare function failedElements(app: App): void;
