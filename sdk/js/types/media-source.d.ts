/**
 * A version of a picture and how wide it is.
 *
 * @typedef {{ url: string, width: number }} Candidate `width` in pixels, `Infinity` if not known
 */
export type Candidate = {
    url: string;
    width: number;
};
export type MediaSource = {
    /**
     * media URL, with or without a credential
     */
    url: string;
    /**
     * pixels
     */
    width?: number;
    /**
     * pixels
     */
    height?: number;
    /**
     * media URLs of smaller pictures of it
     */
    thumbnails?: readonly (string | Candidate)[];
    /**
     * what is shown until it is there, in base64
     */
    thumbHash?: string;
    /**
     * of the file
     */
    name?: string;
};
/**
 * The versions of a picture, the narrowest first.
 *
 * @param {MediaSource} source
 * @returns {Candidate[]} with the original last, which is alone where there are no thumbnails, and for
 *   an animation
 */
export declare function candidatesOf({ url, width, height, thumbnails }: MediaSource): Candidate[];
/**
 * @param {readonly Candidate[]} candidates the narrowest first
 * @param {{ offsetWidth: number }} element where it is shown
 * @returns {Candidate | undefined} the narrowest that is wide enough for the screen, or the widest
 */
export declare function fitting(candidates: readonly Candidate[], { offsetWidth }: {
    offsetWidth: number;
}): Candidate | undefined;
