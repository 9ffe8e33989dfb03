import type { App } from './app.js';
import type { Binding } from './binding.js';
/**
 * @param {unknown} element
 * @returns {boolean} whether a binding loads it, and hears when that fails
 */
export declare function isBound(element: unknown): boolean;
/** @param {object} element that a binding loads */
export declare function markBound(element: object): void;
/** @param {object} element that no binding loads any more */
export declare function unmarkBound(element: object): void;
/** @param {Binding} binding */
export declare function addBinding(binding: Binding): void;
/** @param {Binding} binding */
export declare function removeBinding(binding: Binding): void;
/**
 * The media beside those that are asked for: who scrolls on needs them next.
 *
 * @param {App} app
 * @param {readonly string[]} asked clean media URLs
 * @param {number} most
 * @returns {string[]} clean media URLs, the nearest first
 */
export declare function neighbours(app: App, asked: readonly string[], most: number): string[];
