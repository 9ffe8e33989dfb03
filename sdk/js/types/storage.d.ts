import type { KeyValueStorage } from './effects.js';
/** @import { KeyValueStorage } from './effects.js' */
/**
 * A storage that lasts as long as the page or process.
 *
 * @returns {KeyValueStorage}
 */
export declare function memoryStorage(): KeyValueStorage;
export type AppStorage = ReturnType<typeof createStorage>;
/** @typedef {ReturnType<typeof createStorage>} AppStorage */
/**
 * JSON values of one app, under keys that start with its id.
 *
 * @param {KeyValueStorage} storage
 * @param {string} appId
 */
export declare function createStorage(storage: KeyValueStorage, appId: string): {
    /**
     * @param {string} name
     * @returns {Record<string, unknown> | null} `null` if there is none, or none that can be read
     */
    read(name: string): Record<string, unknown> | null;
    /**
     * @param {string} name
     * @param {object} [value] left out, it is removed
     */
    write(name: string, value?: object): void;
};
