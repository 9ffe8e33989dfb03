/** Keeps the bytes of images in the browser's Cache Storage: an extra that is off by default. */
/**
 * Keeps the bytes of images that bindings show, for the user who is logged in. A kept copy is shown
 * only after the secure media host confirmed it with a 304 to the present session, so that it saves
 * bytes and never a check. It goes when its medium is taken back or refused, when the session ends,
 * and when another user logs in.
 *
 * The page's Content-Security-Policy must allow `blob:` in `img-src`. Does nothing where there is no
 * Cache Storage, as outside a secure context.
 *
 * @param {object} client such as `CometChat`
 * @param {{ mostFiles?: number }} [options] beyond `mostFiles`, 500 if left out, the oldest go
 */
export declare function keepMediaBytes(client: object, { mostFiles }?: {
    mostFiles?: number;
}): void;
