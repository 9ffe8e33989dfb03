import type { App } from './app.js';
export type Gone = {
    url: string;
    reason: 'gone' | 'session_ended';
};
/**
 * Why a medium must leave the screen: it was taken back, or the whole session has ended.
 *
 * @typedef {{ url: string, reason: 'gone' | 'session_ended' }} Gone
 */
/**
 * Takes media off the screen that may not be seen any more: the server tells.
 *
 * @param {App} app
 */
export declare function mediaWatch(app: App): void;
