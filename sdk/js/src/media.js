/** Sessions and all that shows media: for an app that brings its own messages. */

import { MediaClient } from './media-client.js'

/** The client of this page or process. */
export const CometChat = new MediaClient()

/** What is configured at this moment. */
export const CometChatHelper = CometChat.CometChatHelper

export { bindMedia } from './bind-media.js'
export { AppSettings, AppSettingsBuilder } from './app-settings.js'
export { CometChatException } from './exception.js'
export { MediaClient } from './media-client.js'
