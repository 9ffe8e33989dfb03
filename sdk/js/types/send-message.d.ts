import type { Call } from './api.js';
import type { BaseMessage } from './messages.js';
/** @import { Call } from './api.js' */
/** @import { BaseMessage } from './messages.js' */
/**
 * The call that sends a message: multipart if it carries files to upload, JSON otherwise.
 *
 * @param {BaseMessage} message
 * @returns {Call}
 */
export declare function sendCall(message: BaseMessage): Call;
