/**
 * How media URLs get access: by a File Access Token inside the URL, or by presigned URLs.
 *
 * @type {Readonly<{ EMBEDDED: 0, HEADER_BASED: 1 }>}
 */
export declare const SecureMediaMode: Readonly<{
    EMBEDDED: 0;
    HEADER_BASED: 1;
}>;
/**
 * Whether a receiver is one user or a group.
 *
 * @type {Readonly<{ USER: 'user', GROUP: 'group' }>}
 */
export declare const RECEIVER_TYPE: Readonly<{
    USER: 'user';
    GROUP: 'group';
}>;
/**
 * What a message carries.
 *
 * @type {Readonly<{ TEXT: 'text', IMAGE: 'image', VIDEO: 'video', AUDIO: 'audio', FILE: 'file', CUSTOM: 'custom' }>}
 */
export declare const MESSAGE_TYPE: Readonly<{
    TEXT: 'text';
    IMAGE: 'image';
    VIDEO: 'video';
    AUDIO: 'audio';
    FILE: 'file';
    CUSTOM: 'custom';
}>;
/**
 * The kind of a message: written by somebody, or telling what somebody did.
 *
 * @type {Readonly<{ MESSAGE: 'message', ACTION: 'action', CUSTOM: 'custom', CALL: 'call' }>}
 */
export declare const CATEGORY: Readonly<{
    MESSAGE: 'message';
    ACTION: 'action';
    CUSTOM: 'custom';
    CALL: 'call';
}>;
/**
 * Who may join a group.
 *
 * @type {Readonly<{ PUBLIC: 'public', PASSWORD: 'password', PRIVATE: 'private' }>}
 */
export declare const GROUP_TYPE: Readonly<{
    PUBLIC: 'public';
    PASSWORD: 'password';
    PRIVATE: 'private';
}>;
/**
 * Where a session is kept: until logout, or until the tab closes.
 *
 * @type {Readonly<{ LOCAL: 'local', SESSION: 'session' }>}
 */
export declare const StorageMode: Readonly<{
    LOCAL: 'local';
    SESSION: 'session';
}>;
