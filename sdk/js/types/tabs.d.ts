import type { App } from './app.js';
export type Telling = {
    what: 'renewing' | 'renewed' | 'ended' | 'presigned';
    session: string | null;
    /**
     * and its end
     */
    fat?: [string, number];
    /**
     * clean URL, presigned URL, end
     */
    urls?: [string, string, number][];
};
/**
 * Lets one tab renew and presign for all of the same session, and ends it in all at once.
 *
 * @param {App} app
 */
export declare function tabs({ appId, clock, effects, presigned, sessions, settings, clean }: App): void;
