/**
 * Turns an override host into the base URL of API calls, without a slash at the end.
 *
 * A full URL is taken as it is. A bare host means https, except a loopback host, which takes the
 * page's scheme. Without a path, `/v3` is added.
 *
 * @param {string} host `host[:port][/path]` or an http(s) URL
 * @param {'http:' | 'https:'} pageProtocol scheme of the page, `http:` where there is no page
 * @returns {string | null} `null` if `host` is no host
 */
export declare function apiBase(host: string, pageProtocol: 'http:' | 'https:'): string | null;
