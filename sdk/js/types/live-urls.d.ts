/**
 * Gives message objects URLs that carry the FAT of the moment they are read.
 *
 * Only the URL slots of a message are touched: `data.url`, `attachments[].url`, `thumbnails[]`,
 * `avatar` and `icon`. Text and metadata never are.
 */
import type { RenderUrl } from './live-entity.js';
/** @import { RenderUrl } from './live-entity.js' */
/**
 * @param {any} raw message as the server sent it
 * @param {RenderUrl} render
 * @returns {any} a copy whose URL slots are getters
 */
export declare function liveMessage(raw: any, render: RenderUrl): any;
