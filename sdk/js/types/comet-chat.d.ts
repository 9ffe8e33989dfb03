import { Group, User } from './entities.js';
import { MediaClient } from './media-client.js';
import { MessagesRequestBuilder } from './messages-request.js';
import { Attachment, BaseMessage, MediaMessage, TextMessage } from './messages.js';
import { UploadFileListener } from './upload-listener.js';
import { UploadFileRequest } from './upload-request.js';
import type { Effects } from './effects.js';
/** @import { Call } from './api.js' */
/** @import { Effects } from './effects.js' */
/** Everything an app calls. Its methods may be passed on without `CometChat.` in front. */
export declare class Client extends MediaClient {
    #private;
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
    Attachment: typeof Attachment;
    BaseMessage: typeof BaseMessage;
    Group: typeof Group;
    MediaMessage: typeof MediaMessage;
    TextMessage: typeof TextMessage;
    UploadFileListener: typeof UploadFileListener;
    User: typeof User;
    /** @type {new () => MessagesRequestBuilder} */
    MessagesRequestBuilder: new () => MessagesRequestBuilder;
    /** @param {Partial<Effects>} [effects] replaces parts of the surroundings, for tests */
    constructor(effects?: Partial<Effects>);
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
