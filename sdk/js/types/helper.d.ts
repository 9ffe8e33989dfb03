import { hasFatQueryParam, stripFatQueryParam } from './media-url.js';
import type { App } from './app.js';
/** @import { App } from './app.js' */
/** What is configured at this moment. Everything here answers at once and never throws. */
export declare class Helper {
    #private;
    /** @param {() => App | null} app the app in use; `null` before `init` */
    constructor(app: () => App | null);
    /**
     * Whether URLs are to be resolved by `CometChat.fetchPresignedUrl`.
     *
     * @returns {boolean} `true` if the mode is `HEADER_BASED`, a valid FAT exists, and the secure
     *   media host is configured
     */
    isHeaderModeEnabled(): boolean;
    /**
     * Whether a URL points to the configured secure media host.
     *
     * @param {string} url media URL to check
     * @returns {boolean} `false` also if `url` is no URL, or no such host is configured
     */
    requiresSecureAccess(url: string): boolean;
    /**
     * Takes the `fat` query parameter away; gives the URL itself if it has none, or is no URL.
     */
    stripFatQueryParam: typeof stripFatQueryParam;
    /** Whether a URL carries a `fat` query parameter. */
    hasFatQueryParam: typeof hasFatQueryParam;
    /** @returns {string | null} such as `files-us.example.com`; `null` while none is configured */
    getSecureMediaHost(): string | null;
    /**
     * @returns {string | null} where all media URLs of this app begin, such as
     *   `https://files-us.example.com/myapp/media/`; `null` while no host is configured
     */
    getSecureMediaBase(): string | null;
}
