import { AppSettingsBuilder } from './app-settings.js';
import { Group, User } from './entities.js';
import { CometChatException } from './exception.js';
import { Helper } from './helper.js';
import { MessagesRequestBuilder } from './messages-request.js';
import { Attachment, BaseMessage, MediaMessage, TextMessage } from './messages.js';
import { UploadFileListener } from './upload-listener.js';
import { UploadFileRequest } from './upload-request.js';
import type { AppSettings } from './app-settings.js';
import type { Effects } from './effects.js';
import type { Gone } from './media-watch.js';
export type PresignResult = {
    url: string;
    presignedUrl: string;
    error?: undefined;
} | {
    url: string;
    presignedUrl?: undefined;
    error: CometChatException;
};
/** @import { Call } from './api.js' */
/** @import { AppSettings } from './app-settings.js' */
/** @import { Effects } from './effects.js' */
/** @import { Gone } from './media-watch.js' */
/**
 * What became of one URL of `fetchPresignedUrls`: exactly one of `presignedUrl` and `error`.
 *
 * @typedef {{ url: string, presignedUrl: string, error?: undefined }
 *   | { url: string, presignedUrl?: undefined, error: CometChatException }} PresignResult
 */
/** Everything an app calls. Its methods may be passed on without `CometChat.` in front. */
export declare class Client {
    #private;
    SecureMediaMode: Readonly<{
        EMBEDDED: 0;
        HEADER_BASED: 1;
    }>;
    RECEIVER_TYPE: Readonly<{
        USER: 'user';
        GROUP: 'group';
    }>;
    MESSAGE_TYPE: Readonly<{
        TEXT: 'text';
        IMAGE: 'image';
        VIDEO: 'video';
        AUDIO: 'audio';
        FILE: 'file';
        CUSTOM: 'custom';
    }>;
    CATEGORY: Readonly<{
        MESSAGE: 'message';
        ACTION: 'action';
        CUSTOM: 'custom';
        CALL: 'call';
    }>;
    CATEGORY_MESSAGE: "message";
    GROUP_TYPE: Readonly<{
        PUBLIC: 'public';
        PASSWORD: 'password';
        PRIVATE: 'private';
    }>;
    StorageMode: Readonly<{
        LOCAL: 'local';
        SESSION: 'session';
    }>;
    AppSettingsBuilder: typeof AppSettingsBuilder;
    Attachment: typeof Attachment;
    BaseMessage: typeof BaseMessage;
    CometChatException: typeof CometChatException;
    Group: typeof Group;
    MediaMessage: typeof MediaMessage;
    TextMessage: typeof TextMessage;
    UploadFileListener: typeof UploadFileListener;
    User: typeof User;
    /** @type {new () => MessagesRequestBuilder} */
    MessagesRequestBuilder: new () => MessagesRequestBuilder;
    /** @type {Helper} */
    CometChatHelper: Helper;
    /** @param {Partial<Effects>} [effects] replaces parts of the surroundings, for tests */
    constructor(effects?: Partial<Effects>);
    /**
     * Prepares one app, and takes up a session that was stored before, without waiting for the
     * server.
     *
     * @param {string} appId
     * @param {AppSettings} settings made by `CometChat.AppSettingsBuilder`
     * @returns {Promise<boolean>} `true`
     * @throws {CometChatException} `ERR_BAD_REQUEST` without an app id, or without
     *   `overrideClientHost`: there is no default host
     */
    init(appId: string, settings: AppSettings): Promise<boolean>;
    /** @returns {boolean} whether `init` has been called */
    isInitialized(): boolean;
    /**
     * Logs a user in, by an auth token of the app's back end, or by uid and auth key.
     *
     * @param {string} uidOrAuthToken uid if an `authKey` follows, else an auth token
     * @param {string} [authKey] for development only: whoever holds it can be anybody
     * @returns {Promise<User>}
     * @throws {CometChatException} `ERR_NETWORK`, `ERR_INVALID_RESPONSE`, `LOGIN_IN_PROGRESS`, or
     *   the server's code
     */
    login(uidOrAuthToken: string, authKey?: string): Promise<User>;
    /** @returns {Promise<User | null>} who is logged in; `null` if nobody is. Asks no server */
    getLoggedinUser(): Promise<User | null>;
    /**
     * Ends the session: here whatever happens, and at the server.
     *
     * @returns {Promise<Record<string, any>>}
     * @throws {CometChatException} `ERR_NOT_LOGGED_IN`, or what kept the server from hearing of it
     */
    logout(): Promise<Record<string, any>>;
    /**
     * The File Access Token of this session, exactly as it stands in `?fat=`.
     *
     * @returns {string | null} `null` if there is none, it has expired, or it was refused
     */
    getFat(): string | null;
    /**
     * The File Access Token, after the renewal that is on its way if there is one.
     *
     * @param {string} [refused] a token that was answered with 401: if it is still in use, another
     *   one is asked for first
     * @returns {Promise<string | null>} `null` if there is no valid one
     */
    fetchFat(refused?: string): Promise<string | null>;
    /**
     * Resolves a clean media URL to one that opens without headers, for a limited time.
     *
     * Gives `url` back unchanged, and never throws, when there is nothing to resolve: it is not a
     * URL, it is no media URL of this app, or protection is off for this app.
     *
     * @param {string} url media URL of a message
     * @param {{ fresh?: boolean }} [options] `fresh`: ask the server even if a URL is cached
     * @returns {Promise<string>}
     * @throws {CometChatException} `ERR_NETWORK` or `ERR_INVALID_RESPONSE` if asking again may
     *   help, `ERR_NOT_LOGGED_IN` if the session has ended, or why this file is refused
     */
    fetchPresignedUrl(url: string, options?: {
        fresh?: boolean;
    }): Promise<string>;
    /**
     * Resolves many media URLs at once; one that fails does not fail the others.
     *
     * @param {string[]} urls
     * @returns {Promise<PresignResult[]>} in the order of `urls`
     */
    fetchPresignedUrls(urls: string[]): Promise<PresignResult[]>;
    /**
     * Tells when a medium that is on the screen may not be seen any more: it was taken back, the
     * user was removed from its conversation, or the session has ended. Take it off the screen then.
     *
     * Nothing is watched, and nothing told, where the URL is no protected medium of this app.
     *
     * @param {string} url media URL of a message, with or without its token
     * @param {(gone: Gone) => void} listener called at most once
     * @returns {() => void} stops watching; call it when the medium leaves the page
     */
    watchMedia(url: string, listener: (gone: Gone) => void): () => void;
    /**
     * @param {TextMessage} message
     * @returns {Promise<BaseMessage>} the message as the server has it
     * @throws {CometChatException}
     */
    sendMessage(message: TextMessage): Promise<BaseMessage>;
    /**
     * Files to upload before the message that will carry them, with progress, pause and resume:
     * `uploadAttachments`, then `setAttachments(request.getAttachments())` of a media message.
     *
     * @param {string} receiverId
     * @param {string} receiverType value of `CometChat.RECEIVER_TYPE`
     * @returns {UploadFileRequest}
     */
    createUploadFileRequest(receiverId: string, receiverType: string): UploadFileRequest;
    /** @returns {Promise<number>} files that a message may carry, as the settings of the app say */
    getMaxAttachmentCount(): Promise<number>;
    /**
     * Uploads the files of a message and sends it.
     *
     * @param {MediaMessage} message
     * @returns {Promise<MediaMessage>} the message as the server has it
     * @throws {CometChatException}
     */
    sendMediaMessage(message: MediaMessage): Promise<MediaMessage>;
    /**
     * @param {string | number} messageId
     * @returns {Promise<BaseMessage>} the message as it is now, deleted
     * @throws {CometChatException}
     */
    deleteMessage(messageId: string | number): Promise<BaseMessage>;
    /**
     * @param {string | number} messageId
     * @returns {Promise<BaseMessage>}
     * @throws {CometChatException}
     */
    getMessageDetails(messageId: string | number): Promise<BaseMessage>;
    /**
     * @param {string} uid
     * @returns {Promise<User>}
     * @throws {CometChatException}
     */
    getUser(uid: string): Promise<User>;
    /**
     * @param {Group} group
     * @returns {Promise<Group>}
     * @throws {CometChatException}
     */
    createGroup(group: Group): Promise<Group>;
    /**
     * @param {string} guid
     * @returns {Promise<Group>}
     * @throws {CometChatException}
     */
    getGroup(guid: string): Promise<Group>;
    /**
     * @param {string} guid
     * @param {string} [type] value of `CometChat.GROUP_TYPE`
     * @param {string} [password] of a group of type `password`
     * @returns {Promise<Group>}
     * @throws {CometChatException}
     */
    joinGroup(guid: string, type?: string, password?: string): Promise<Group>;
    /**
     * @param {string} guid
     * @returns {Promise<boolean>} `true`
     * @throws {CometChatException}
     */
    leaveGroup(guid: string): Promise<boolean>;
    /**
     * @param {string} guid
     * @param {string} uid
     * @returns {Promise<boolean>} `true`
     * @throws {CometChatException}
     */
    kickGroupMember(guid: string, uid: string): Promise<boolean>;
}
/**
 * A client of its own, with its own session and caches.
 *
 * @param {Partial<Effects>} [effects] replaces parts of the surroundings, for tests
 * @returns {Client}
 */
export declare function createCometChat(effects?: Partial<Effects>): Client;
