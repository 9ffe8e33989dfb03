/** @typedef {(url: string) => string} RenderUrl what a media URL reads as now */
export type RenderUrl = (url: string) => string;
/**
 * @param {any} raw user or group as the server sent it
 * @param {RenderUrl} render
 * @returns {any} a copy whose `avatar` and `icon` are getters
 */
export declare function liveEntity(raw: any, render: RenderUrl): any;
/**
 * Makes one slot read as its URL does at that moment.
 *
 * @param {any} holder
 * @param {string | number} slot
 * @param {RenderUrl} render
 */
export declare function makeLive(holder: any, slot: string | number, render: RenderUrl): void;
