import type { MediaLoadDetail, MediaState, MediaStateDetail } from './binding.js';
import type { Loads } from './media-statistics.js';
export type Medium = {
    /**
     * its id, or its URL if it is none of the media host
     */
    key: string;
    /**
     * without any credential
     */
    url: string;
    state: MediaState;
    /**
     * `original`, or which thumbnail is shown
     */
    version: string | null;
    by: MediaLoadDetail['by'] | null;
    renewals: number;
    retries: number;
    /**
     * of the last refusal
     */
    code: string | null;
    reason: string | null;
    message: string | null;
    /**
     * as the browser counted them
     */
    loads: Loads;
    /**
     * what happened, and when
     */
    lines: {
        at: number;
        text: string;
    }[];
    /**
     * that showed it last
     */
    element: WeakRef<Element> | null;
};
/**
 * What happened to one medium.
 *
 * @typedef {object} Medium
 * @property {string} key its id, or its URL if it is none of the media host
 * @property {string} url without any credential
 * @property {MediaState} state
 * @property {string | null} version `original`, or which thumbnail is shown
 * @property {MediaLoadDetail['by'] | null} by
 * @property {number} renewals
 * @property {number} retries
 * @property {string | null} code of the last refusal
 * @property {string | null} reason
 * @property {string | null} message
 * @property {Loads} loads as the browser counted them
 * @property {{ at: number, text: string }[]} lines what happened, and when
 * @property {WeakRef<Element> | null} element that showed it last
 */
/** What happened to each medium of a page. Nothing here holds a credential. */
export declare class MediaLog {
    #private;
    /** @returns {Medium[]} the one that was heard of last is the first */
    get media(): Medium[];
    /**
     * @param {Pick<MediaStateDetail, 'state' | 'url' | 'code' | 'reason' | 'message'>} detail
     * @param {Element | null} element
     * @param {number} at milliseconds since 1970 UTC
     */
    noteState({ state, url, code, reason, message }: Pick<MediaStateDetail, 'state' | 'url' | 'code' | 'reason' | 'message'>, element: Element | null, at: number): void;
    /**
     * @param {MediaLoadDetail} detail
     * @param {Element | null} element
     * @param {number} at milliseconds since 1970 UTC
     */
    noteLoad({ url, by, why }: MediaLoadDetail, element: Element | null, at: number): void;
    /**
     * What the browser loaded; of a medium that nobody showed, nothing is kept.
     *
     * @param {Pick<PerformanceResourceTiming, 'name' | 'transferSize' | 'encodedBodySize'>} entry
     */
    noteTiming(entry: Pick<PerformanceResourceTiming, 'name' | 'transferSize' | 'encodedBodySize'>): void;
    /** Forgets everything. */
    clear(): void;
}
