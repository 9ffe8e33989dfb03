/** A person of the chat app. */
export declare class User {
    #private;
    /** @param {Record<string, any> | string} raw as the server sent it, or a uid */
    constructor(raw: Record<string, any> | string);
    /** @returns {string} */
    getUid(): string;
    /** @returns {string} */
    getName(): string;
    /** @returns {string | undefined} ready for `<img>` in embedded mode */
    getAvatar(): string | undefined;
    /** @returns {string | undefined} */
    getStatus(): string | undefined;
    /** @returns {string | undefined} */
    getRole(): string | undefined;
    /** @returns {Record<string, any>} as the server sent it */
    toJSON(): Record<string, any>;
}
/** A conversation of many users. */
export declare class Group {
    #private;
    /**
     * @param {Record<string, any> | string} raw as the server sent it, or a guid
     * @param {string} [name]
     * @param {string} [type] value of `CometChat.GROUP_TYPE`
     * @param {string} [password] of a group of type `password`
     */
    constructor(raw: Record<string, any> | string, name?: string, type?: string, password?: string);
    /** @returns {string} */
    getGuid(): string;
    /** @returns {string} */
    getName(): string;
    /** @returns {string} value of `CometChat.GROUP_TYPE` */
    getType(): string;
    /** @returns {string | undefined} ready for `<img>` in embedded mode */
    getIcon(): string | undefined;
    /** @returns {number} */
    getMembersCount(): number;
    /** @returns {Record<string, any>} as the server sent it */
    toJSON(): Record<string, any>;
}
