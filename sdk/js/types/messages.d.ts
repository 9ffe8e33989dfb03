import { Group, User } from './entities.js';
/** A file as it appears in a message. */
export declare class Attachment {
    #private;
    /** @param {Record<string, any>} raw as the server sent it */
    constructor(raw: Record<string, any>);
    /** The media URL; in embedded mode with the FAT of this moment. @returns {string} */
    get url(): string;
    /** The media URL; in embedded mode with the FAT of this moment. @returns {string} */
    getUrl(): string;
    /** @returns {string} name of the file as its sender had it */
    getName(): string;
    /** @returns {string} such as `image/jpeg` */
    getMimeType(): string;
    /** @returns {string} such as `jpg` */
    getExtension(): string;
    /** @returns {number} bytes */
    getSize(): number;
    /** @returns {number | undefined} pixels */
    getWidth(): number | undefined;
    /** @returns {number | undefined} pixels */
    getHeight(): number | undefined;
    /** @returns {string | undefined} what a page shows until the picture is there, in base64 */
    getThumbHash(): string | undefined;
    /** @returns {string[]} media URLs of smaller pictures, read as `url` is */
    getThumbnails(): string[];
    /** @returns {Record<string, any>} as the server sent it, with URLs as they read now */
    toJSON(): Record<string, any>;
}
/** A message: to be sent, or as the server has it. */
export declare class BaseMessage {
    #private;
    /** @param {Record<string, any>} raw as the server has it, or what is to be sent */
    constructor(raw: Record<string, any>);
    /** What the message holds; its media URLs read as `getUrl()` does. @returns {Record<string, any>} */
    get data(): Record<string, any>;
    /** @returns {string} empty before it was sent */
    getId(): string;
    /** @returns {string} */
    getConversationId(): string;
    /** @returns {string} uid or guid */
    getReceiverId(): string;
    /** @returns {string} value of `CometChat.RECEIVER_TYPE` */
    getReceiverType(): string;
    /** @returns {User} */
    getSender(): User;
    /** @returns {User | Group} */
    getReceiver(): User | Group;
    /** @returns {string} value of `CometChat.MESSAGE_TYPE` */
    getType(): string;
    /** @returns {string} value of `CometChat.CATEGORY` */
    getCategory(): string;
    /** @returns {number | undefined} seconds since 1970 UTC */
    getSentAt(): number | undefined;
    /** @returns {number | undefined} seconds since 1970 UTC */
    getUpdatedAt(): number | undefined;
    /** @returns {number | undefined} seconds since 1970 UTC; `undefined` if it is not deleted */
    getDeletedAt(): number | undefined;
    /** @returns {string | undefined} id that the sender chose */
    getMuid(): string | undefined;
    /** @param {string} muid id of the sender's choice */
    setMuid(muid: string): void;
    /** @returns {string[]} */
    getTags(): string[];
    /** @param {string[]} tags */
    setTags(tags: string[]): void;
    /** @returns {Record<string, any> | undefined} */
    getMetadata(): Record<string, any> | undefined;
    /** @param {Record<string, any>} metadata */
    setMetadata(metadata: Record<string, any>): void;
    /** @returns {Record<string, any>} see {@link BaseMessage.data} */
    getData(): Record<string, any>;
    /**
     * Adds to what the message holds.
     *
     * @param {Record<string, any>} data
     */
    setData(data: Record<string, any>): void;
    /** @returns {Record<string, any>} as the server has it, with URLs as they read now */
    toJSON(): Record<string, any>;
}
/** A message of text. */
export declare class TextMessage extends BaseMessage {
    /**
     * @param {string | Record<string, any>} receiverId uid or guid; or the message as the server has it
     * @param {string} [text]
     * @param {string} [receiverType] value of `CometChat.RECEIVER_TYPE`
     */
    constructor(receiverId: string | Record<string, any>, text?: string, receiverType?: string);
    /** @returns {string} */
    getText(): string;
}
/** A message that carries files. */
export declare class MediaMessage extends BaseMessage {
    #private;
    /**
     * @param {string | Record<string, any>} receiverId uid or guid; or the message as the server has it
     * @param {Blob | Iterable<Blob> | ArrayLike<Blob> | null} [file] what to upload, one or a list;
     *   nothing if `setAttachments` names files uploaded before
     * @param {string} [type] value of `CometChat.MESSAGE_TYPE`
     * @param {string} [receiverType] value of `CometChat.RECEIVER_TYPE`
     */
    constructor(receiverId: string | Record<string, any>, file?: Blob | Iterable<Blob> | ArrayLike<Blob> | null, type?: string, receiverType?: string);
    /** @returns {string | undefined} media URL of the first file; in embedded mode with the FAT of this moment */
    getURL(): string | undefined;
    /** @returns {Attachment | null} the first attachment */
    getAttachment(): Attachment | null;
    /** @returns {Attachment[]} */
    getAttachments(): Attachment[];
    /** @param {Attachment[]} attachments files that were uploaded before */
    setAttachments(attachments: Attachment[]): void;
    /** @returns {string | undefined} */
    getCaption(): string | undefined;
    /** @param {string} caption */
    setCaption(caption: string): void;
    /** @returns {Blob[]} what is to be uploaded */
    getFiles(): Blob[];
    /** @param {Blob | Iterable<Blob> | ArrayLike<Blob>} files what to upload, one or a list */
    setFiles(files: Blob | Iterable<Blob> | ArrayLike<Blob>): void;
}
/**
 * @param {any} raw message as the server has it
 * @returns {BaseMessage} a {@link MediaMessage}, {@link TextMessage} or plain one, by its type
 */
export declare function messageFrom(raw: any): BaseMessage;
