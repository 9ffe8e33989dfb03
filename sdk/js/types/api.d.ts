/** @import { CometChatException } from './exception.js' */
/** Sent as the `sdk` header of every call. */
export declare const SDK_NAME = "cloakroom-js@0.1.0";
export type Call = {
    method: 'GET' | 'POST' | 'PUT' | 'DELETE';
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
};
export type Answer = {
    data: any;
    meta: Record<string, any>;
};
/**
 * @typedef {object} Call
 * @property {'GET' | 'POST' | 'PUT' | 'DELETE'} method
 * @property {string} path below the base URL, without a slash in front
 * @property {object} [body] sent as JSON
 * @property {FormData} [form] sent as multipart
 * @property {string} [authToken]
 * @property {string} [apiKey]
 */
/** @typedef {{ data: any, meta: Record<string, any> }} Answer */
/** The REST API of one app: one JSON envelope, typed errors, never a cookie. */
export declare class Api {
    #private;
    /** Base URL, without a slash at the end. */
    base: string;
    /**
     * @param {(url: string, init: RequestInit) => Promise<Response>} fetch
     * @param {string} appId
     * @param {string} base base URL, without a slash at the end
     */
    constructor(fetch: (url: string, init: RequestInit) => Promise<Response>, appId: string, base: string);
    /**
     * @param {string} [authToken]
     * @returns {Record<string, string>} what every call says
     */
    headers(authToken?: string): Record<string, string>;
    /**
     * @param {Call} call
     * @returns {Promise<Answer>}
     * @throws {CometChatException} `ERR_NETWORK` if nothing came back, `ERR_INVALID_RESPONSE` if it
     *   was not the agreed envelope, else the server's own code
     */
    call(call: Call): Promise<Answer>;
    /**
     * @param {Call} call
     * @param {AbortSignal} signal ends the answer
     * @returns {Promise<ReadableStream<Uint8Array> | null>} the body as it comes; `null` where the
     *   runtime gives none
     * @throws {CometChatException} as `call`
     */
    stream(call: Call, signal: AbortSignal): Promise<ReadableStream<Uint8Array> | null>;
}
