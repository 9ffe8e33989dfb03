/**
 * @param {string} json
 * @returns {any} an object; an empty one if it is none
 */
export declare function parseObject(json: string): any;
/**
 * @param {unknown} value
 * @returns {value is Record<string, any>} whether it is an object, and no list
 */
export declare function isObject(value: unknown): value is Record<string, any>;
