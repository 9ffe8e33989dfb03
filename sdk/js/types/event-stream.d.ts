/**
 * One event of a stream (HTML Living Standard, server-sent events).
 *
 * @typedef {{ name: string | undefined, data: string }} StreamEvent
 */
export type StreamEvent = {
    name: string | undefined;
    data: string;
};
/**
 * Reads server-sent events of one line of data until the stream ends, each with `\n` or `\r\n` after
 * its lines. Comments, ids and times are passed over.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {(event: StreamEvent) => void} onEvent
 * @returns {Promise<void>} when the server ended it
 */
export declare function readEvents(body: ReadableStream<Uint8Array>, onEvent: (event: StreamEvent) => void): Promise<void>;
