export type SecureMediaModeValue = 0 | 1;
/** @typedef {0 | 1} SecureMediaModeValue value of `CometChat.SecureMediaMode` */
/** Settings of `CometChat.init`; made by {@link AppSettingsBuilder}. */
export declare class AppSettings {
    /** Region of the app, such as `us`. @type {string} */
    region: string;
    /** @type {SecureMediaModeValue} */
    secureMediaMode: SecureMediaModeValue;
    /** Host of the client API. @type {string | null} */
    clientHost: string | null;
    /** Host of the calls that take an auth key; `null` means the client host. @type {string | null} */
    adminHost: string | null;
    /** @type {'local' | 'session'} */
    storageMode: 'local' | 'session';
    /** Kept for source compatibility; presence is not offered. @type {string} */
    subscriptionType: string;
    /** Kept for source compatibility; no socket is opened. @type {boolean} */
    autoEstablishSocketConnection: boolean;
}
/** Collects the settings of an app; each setter gives the builder back. */
export declare class AppSettingsBuilder {
    #private;
    /**
     * Accepted for source compatibility; presence is not offered.
     *
     * @returns {this}
     */
    subscribePresenceForAllUsers(): this;
    /**
     * @param {string} region region of the app, such as `us`
     * @returns {this}
     */
    setRegion(region: string): this;
    /**
     * Accepted for source compatibility; no socket is opened.
     *
     * @param {boolean} establish
     * @returns {this}
     */
    autoEstablishSocketConnection(establish: boolean): this;
    /**
     * Chooses how media URLs get access. Left out, it is `SecureMediaMode.EMBEDDED`.
     *
     * @param {SecureMediaModeValue} mode value of `CometChat.SecureMediaMode`
     * @returns {this}
     * @throws {TypeError} if `mode` is neither 0 nor 1
     */
    setSecureMediaMode(mode: SecureMediaModeValue): this;
    /**
     * Names the host of the calls that take an auth key. Left out, it is the client host.
     *
     * @param {string} host as in {@link AppSettingsBuilder.overrideClientHost}
     * @returns {this}
     */
    overrideAdminHost(host: string): this;
    /**
     * Names the host of the API. Required: this SDK has no default host.
     *
     * @param {string} host `host[:port][/path]` means https (a loopback host keeps the page's
     *   scheme); a full URL is taken as it is; without a path, `/v3` is added
     * @returns {this}
     */
    overrideClientHost(host: string): this;
    /**
     * Chooses where the session is kept in a browser. Left out, it is `local`.
     *
     * @param {'local' | 'session'} mode value of `CometChat.StorageMode`
     * @returns {this}
     */
    setStorageMode(mode: 'local' | 'session'): this;
    /** @returns {AppSettings} a copy: later calls of the builder do not change it */
    build(): AppSettings;
}
