/** @import { App } from './app.js' */
import type { App } from './app.js';
export type MediaStatistics = {
    /**
     * calls for presigned URLs
     */
    presignCalls: number;
    /**
     * URLs in them
     */
    presignedUrls: number;
    /**
     * renewals by this tab
     */
    fatRenewals: number;
    /**
     * answers of the secure media host
     */
    loads: number;
    /**
     * of these, copies that the host confirmed with a 304
     */
    notModified: number;
    /**
     * bytes of media that came over the network
     */
    bytesLoaded: number;
    /**
     * bytes of confirmed copies, which did not have to
     */
    bytesSaved: number;
};
export type Loads = Pick<MediaStatistics, 'loads' | 'notModified' | 'bytesLoaded' | 'bytesSaved'>;
/**
 * Counts what the browser loads from the secure media host.
 *
 * @param {App} app
 */
export declare function mediaTimings({ effects, loads, clean }: App): void;
/**
 * @param {App | null} app
 * @returns {MediaStatistics} the last four are 0 where there is no Resource Timing, as in Node
 */
export declare function mediaStatistics(app: App | null): MediaStatistics;
/**
 * @param {Loads} loads
 * @param {Pick<PerformanceResourceTiming, 'transferSize' | 'encodedBodySize'>} entry
 */
export declare function count(loads: Loads, { transferSize, encodedBodySize }: Pick<PerformanceResourceTiming, 'transferSize' | 'encodedBodySize'>): void;
/** @returns {Loads} */
export declare function noLoads(): Loads;
