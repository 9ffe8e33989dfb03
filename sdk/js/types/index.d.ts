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
export type Binding = import('./binding.js').Binding;
export type BindOptions = import('./binding.js').BindOptions;
export type MediaState = import('./binding.js').MediaState;
export type MediaStateDetail = import('./binding.js').MediaStateDetail;
export type MediaSource = import('./media-source.js').MediaSource;
export type UploadCallbacks = import('./upload-listener.js').UploadCallbacks;
export type UploadResult = import('./upload-listener.js').UploadResult;
export type UploadState = import('./upload-request.js').UploadState;
/** @typedef {import('./core-client.js').PresignResult} PresignResult */
/** @typedef {import('./effects.js').Effects} Effects */
/** @typedef {import('./media-statistics.js').MediaStatistics} MediaStatistics */
/** @typedef {import('./media-watch.js').Gone} Gone */
/** @typedef {import('./binding.js').Binding} Binding */
/** @typedef {import('./binding.js').BindOptions} BindOptions */
/** @typedef {import('./binding.js').MediaState} MediaState */
/** @typedef {import('./binding.js').MediaStateDetail} MediaStateDetail */
/** @typedef {import('./media-source.js').MediaSource} MediaSource */
/** @typedef {import('./upload-listener.js').UploadCallbacks} UploadCallbacks */
/** @typedef {import('./upload-listener.js').UploadResult} UploadResult */
/** @typedef {import('./upload-request.js').UploadState} UploadState */
