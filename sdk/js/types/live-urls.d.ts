import type { RenderUrl } from './live-entity.js';
/**
 * Gives a message URLs that carry the FAT of the moment they are read.
 *
 * Only its URL slots are touched: `data.url`, `attachments[].url`, `thumbnails[]`, `avatar` and
 * `icon`. Text and metadata never are.
 *
 * @param {any} raw message, or a part of one, as the server sent it
 * @param {RenderUrl} render
 * @returns {any} a copy whose URL slots are getters; `raw` itself if it is no object
 */
export declare function liveMessage(raw: any, render: RenderUrl): any;
