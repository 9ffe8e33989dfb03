/**
 * Media URLs: `{origin}/{appId}/media/{id}[_{variant}].{ext}`, where `id` is 32 hex digits.
 *
 * Everything here reads a URL by parsing it; a host is never looked for inside a string.
 */
/**
 * Reads the setting `SECURED_MEDIA_HOST`.
 *
 * @param {unknown} setting `{origin}/{appId}/media/`
 * @param {string} appId
 * @returns {string | null} where protected media begin; `null` if it is none, or another app's
 */
export declare function parseSecureMediaHost(setting: unknown, appId: string): string | null;
/**
 * @param {unknown} url
 * @param {string | null} host
 * @returns {boolean} whether `url` points to the secure media host
 */
export declare function isOnHost(url: unknown, host: string | null): boolean;
/**
 * The clean media URL behind `url`: without `fat`, presign parameters and fragment.
 *
 * @param {unknown} url
 * @param {string | null} host
 * @returns {string | null} `null` if `url` is no media URL of this app
 */
export declare function cleanMediaUrl(url: unknown, host: string | null): string | null;
/**
 * @param {unknown} url
 * @returns {boolean} whether `url` carries a `fat` query parameter
 */
export declare function hasFatQueryParam(url: unknown): boolean;
/**
 * Takes every `fat` query parameter away and leaves the rest of the URL as it is written.
 *
 * @param {string} url
 * @returns {string} `url` itself if it has none, or is no URL
 */
export declare function stripFatQueryParam(url: string): string;
/**
 * @param {unknown} text
 * @returns {URL | null} `null` if `text` is no absolute URL
 */
export declare function parseUrl(text: unknown): URL | null;
