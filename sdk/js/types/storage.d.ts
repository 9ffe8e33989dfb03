/** @import { KeyValueStorage } from './effects.js' */
import type { KeyValueStorage } from './effects.js';
/**
 * A storage that lasts as long as the page or process.
 *
 * @returns {KeyValueStorage}
 */
export declare function memoryStorage(): KeyValueStorage;
/** JSON values of one app, under keys that start with its id. */
export declare class AppStorage {
    #private;
    /**
     * @param {KeyValueStorage} storage
     * @param {string} appId
     */
    constructor(storage: KeyValueStorage, appId: string);
    /**
     * @param {string} name
     * @returns {Record<string, unknown> | null} `null` if there is none, or none that can be read
     */
    read(name: string): Record<string, unknown> | null;
    /**
     * @param {string} name
     * @param {object} value
     */
    write(name: string, value: object): void;
    /** @param {string} name */
    remove(name: string): void;
}
