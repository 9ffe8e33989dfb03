/**
 * Gives message objects URLs that carry the FAT of the moment they are read.
 *
 * Only the URL slots of a message are touched: `data.url`, `attachments[].url`, `thumbnails[]`,
 * `avatar` and `icon`. Text and metadata never are.
 */
export type RenderUrl = (url: string) => string;
/** @typedef {(url: string) => string} RenderUrl what a media URL reads as now */
/**
 * @param {any} raw message as the server sent it
 * @param {RenderUrl} render
 * @returns {any} a copy whose URL slots are getters
 */
export declare function liveMessage(raw: any, render: RenderUrl): any;
/**
 * @param {any} raw user or group as the server sent it
 * @param {RenderUrl} render
 * @returns {any} a copy whose `avatar` and `icon` are getters
 */
export declare function liveEntity(raw: any, render: RenderUrl): any;
/**
 * @param {any} raw attachment as the server sent it
 * @param {RenderUrl} render
 * @returns {any} a copy whose `url` and thumbnails are getters
 */
export declare function liveAttachment(raw: any, render: RenderUrl): any;
