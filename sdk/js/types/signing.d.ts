/**
 * Presigning in an app's own back end with a delegated key, without a call to the server. Needs
 * Web Crypto: Node 20, Deno, Bun, workers.
 *
 * A signature promises nothing: whether the user may read the file is decided at every fetch, and
 * the bounds of the key are checked there as well. Never put the secret into a web page.
 */
export type DelegatedKeyOptions = {
    /**
     * such as `https://files-us.example.com`
     */
    mediaOrigin: string;
    appId: string;
    id: string;
    secret: string;
    generation?: number;
    /**
     * with this and the next two, `sign` refuses at once what the
     * server would refuse
     */
    maxTtlSeconds?: number;
    purposes?: readonly string[];
    uidPrefix?: string;
};
export type SignTerms = {
    /**
     * the user in whose name the URL opens
     */
    uid: string;
    purpose?: 'download' | 'export' | 'mail' | 'push';
    /**
     * 60 to 2678400; 900 if left out
     */
    ttlSeconds?: number;
    /**
     * 1 to 1000; any number if left out
     */
    views?: number;
    /**
     * 1 to 16 of `[a-z0-9]`: sets URLs apart that are alike otherwise
     */
    viewsTag?: string;
    disposition?: 'attachment' | 'inline';
    /**
     * seconds since 1970 UTC; the clock's if left out
     */
    now?: number;
};
/**
 * What `POST delegated_keys` answered.
 *
 * @typedef {object} DelegatedKeyOptions
 * @property {string} mediaOrigin such as `https://files-us.example.com`
 * @property {string} appId
 * @property {string} id
 * @property {string} secret
 * @property {number} [generation]
 * @property {number} [maxTtlSeconds] with this and the next two, `sign` refuses at once what the
 *   server would refuse
 * @property {readonly string[]} [purposes]
 * @property {string} [uidPrefix]
 */
/**
 * @typedef {object} SignTerms
 * @property {string} uid the user in whose name the URL opens
 * @property {'download' | 'export' | 'mail' | 'push'} [purpose]
 * @property {number} [ttlSeconds] 60 to 2678400; 900 if left out
 * @property {number} [views] 1 to 1000; any number if left out
 * @property {string} [viewsTag] 1 to 16 of `[a-z0-9]`: sets URLs apart that are alike otherwise
 * @property {'attachment' | 'inline'} [disposition]
 * @property {number} [now] seconds since 1970 UTC; the clock's if left out
 */
/** Why a delegated key does not sign. */
export declare class DelegatedSigningError extends Error {
    code: "BadId" | "BadLifetime" | "BadSecret" | "BadTerms" | "BadUrl" | "OtherApp" | "OutOfBounds";
    /**
     * @param {'BadId' | 'BadLifetime' | 'BadSecret' | 'BadTerms' | 'BadUrl' | 'OtherApp' | 'OutOfBounds'} code
     * @param {string} message
     */
    constructor(code: 'BadId' | 'BadLifetime' | 'BadSecret' | 'BadTerms' | 'BadUrl' | 'OtherApp' | 'OutOfBounds', message: string);
}
/** Presigns media URLs with a delegated key, on behalf of users of one app. */
export declare class DelegatedSigner {
    #private;
    /** @param {DelegatedKeyOptions} options */
    constructor(options: DelegatedKeyOptions);
    /**
     * Learns of a revocation: `seq` of a receipt, or `generation` of `GET delegated_keys/{id}`. An
     * older one than known changes nothing.
     *
     * @param {number} seq
     */
    known(seq: number): void;
    /**
     * Presigns a media URL; what query it has is dropped.
     *
     * The URL lives between two thirds of `ttlSeconds` and all of it, and whoever asks twice within a
     * third gets the same bytes; with `views` it lives exactly so long.
     *
     * @param {string} url
     * @param {SignTerms} terms
     * @returns {Promise<{ url: string, expiresAt: number }>} rejects with {@link DelegatedSigningError}
     */
    sign(url: string, terms: SignTerms): Promise<{
        url: string;
        expiresAt: number;
    }>;
}
