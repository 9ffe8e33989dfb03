/** Sessions and all that shows media: for an app that brings its own messages. */
import { MediaClient } from './media-client.js';
/** The client of this page or process. */
export declare const CometChat: MediaClient;
/** What is configured at this moment. */
export declare const CometChatHelper: import("./helper.js").Helper;
export { bindMedia } from './bind-media.js';
export { AppSettings, AppSettingsBuilder } from './app-settings.js';
export { CometChatException } from './exception.js';
export { MediaClient } from './media-client.js';
