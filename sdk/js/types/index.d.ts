/** Cloakroom's SDK: media of a chat app that only the people in the conversation can open. */
/** The client of this page or process. */
export declare const CometChat: import("./comet-chat.js").Client;
/** What is configured at this moment. */
export declare const CometChatHelper: import("./helper.js").Helper;
export { bindMedia } from './bind-media.js';
export { AppSettings, AppSettingsBuilder } from './app-settings.js';
export { Client, createCometChat } from './comet-chat.js';
export { Group, User } from './entities.js';
export { CometChatException } from './exception.js';
export { Helper } from './helper.js';
export { MessagesRequest, MessagesRequestBuilder } from './messages-request.js';
export { UploadFileListener } from './upload-listener.js';
export { UploadFileRequest } from './upload-request.js';
export { Attachment, BaseMessage, MediaMessage, TextMessage } from './messages.js';
export type PresignResult = import('./core-client.js').PresignResult;
export type Effects = import('./effects.js').Effects;
export type MediaStatistics = import('./media-statistics.js').MediaStatistics;
export type Gone = import('./media-watch.js').Gone;
/** @typedef {import('./core-client.js').PresignResult} PresignResult */
/** @typedef {import('./effects.js').Effects} Effects */
/** @typedef {import('./media-statistics.js').MediaStatistics} MediaStatistics */
/** @typedef {import('./media-watch.js').Gone} Gone */
