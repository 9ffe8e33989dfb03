/** @import { Medium } from './inspector-log.js' */
/** @import { MediaStatistics } from './media-statistics.js' */
import type { Medium } from './inspector-log.js';
import type { MediaStatistics } from './media-statistics.js';
/**
 * @param {HTMLElement} list `<dl>`
 * @param {Medium[]} media
 * @param {MediaStatistics | null} statistics of the client, if one was given
 */
export declare function drawTotals(list: HTMLElement, media: Medium[], statistics: MediaStatistics | null): void;
/**
 * @param {Medium} medium
 * @param {boolean} isOpen
 * @returns {HTMLLIElement}
 */
export declare function drawMedium(medium: Medium, isOpen: boolean): HTMLLIElement;
