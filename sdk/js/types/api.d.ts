/** @import { CometChatException } from './exception.js' */
/** Sent as the `sdk` header of every call. */
export declare const SDK_NAME = "cloakroom-js@0.1.0";
export type Call = {
    /**
     * left out, `POST` with a body or form, else `GET`
     */
    method?: 'PUT' | 'DELETE';
    /**
     * below the base URL, without a slash in front
     */
    path: string;
    /**
     * sent as JSON
     */
    body?: object;
    /**
     * sent as multipart
     */
    form?: FormData;
    authToken?: string;
    apiKey?: string;
    /**
     * in place of the API's own
     */
    base?: string;
    /**
     * ends an answer that is read as it comes: then `data` is its body,
     * `null` where the runtime gives none
     */
    signal?: AbortSignal;
};
export type Answer = {
    data: any;
    meta?: Record<string, any>;
};
export type Api = ReturnType<typeof createApi>;
/**
 * @typedef {object} Call
 * @property {'PUT' | 'DELETE'} [method] left out, `POST` with a body or form, else `GET`
 * @property {string} path below the base URL, without a slash in front
 * @property {object} [body] sent as JSON
 * @property {FormData} [form] sent as multipart
 * @property {string} [authToken]
 * @property {string} [apiKey]
 * @property {string} [base] in place of the API's own
 * @property {AbortSignal} [signal] ends an answer that is read as it comes: then `data` is its body,
 *   `null` where the runtime gives none
 */
/** @typedef {{ data: any, meta?: Record<string, any> }} Answer */
/** @typedef {ReturnType<typeof createApi>} Api */
/**
 * The REST API of one app: one JSON envelope, typed errors, never a cookie.
 *
 * @param {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @param {string} appId
 * @param {string} base base URL, without a slash at the end
 */
export declare function createApi(fetch: (url: string, init: RequestInit) => Promise<Response>, appId: string, base: string): {
    /** Base URL, without a slash at the end. */
    base: string;
    headers: (authtoken?: string) => Record<string, string>;
    /**
     * @param {Call} call
     * @returns {Promise<Answer>}
     * @throws {CometChatException} `ERR_NETWORK` if nothing came back, `ERR_INVALID_RESPONSE` if it
     *   was not the agreed envelope, else the server's own code
     */
    call(call: Call): Promise<Answer>;
};
