/**
 * Lets the methods of an object be passed on without the object in front.
 *
 * @param {any} object
 */
export declare function bindMethods(object: any): void;
