import type { App } from './app.js';
import type { Binding } from './binding.js';
/** What bindings show: they hear when that fails. @type {WeakSet<object>} */
export declare const boundElements: WeakSet<object>;
/**
 * @param {Binding} binding
 * @param {object} element
 * @returns {() => void} forgets it
 */
export declare function addBinding(binding: Binding, element: object): () => void;
/**
 * The media beside those that are asked for: who scrolls on needs them next.
 *
 * @param {App} app
 * @param {readonly string[]} asked clean media URLs
 * @param {number} most
 * @returns {string[]} clean media URLs, the nearest first
 */
export declare function neighbours(app: App, asked: readonly string[], most: number): string[];
