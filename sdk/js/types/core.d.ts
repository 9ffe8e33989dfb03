/** Sessions, presigned URLs and bound images: for an app that brings its own messages. */
import { CoreClient } from './core-client.js';
/** The client of this page or process. */
export declare const CometChat: CoreClient;
/** What is configured at this moment. */
export declare const CometChatHelper: import("./helper.js").Helper;
export { AppSettings, AppSettingsBuilder } from './app-settings.js';
export { bindImage } from './bind-image.js';
export { CoreClient } from './core-client.js';
export { CometChatException } from './exception.js';
