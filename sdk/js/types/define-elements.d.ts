/**
 * Registers `<cloak-img>`, `<cloak-video>`, `<cloak-audio>` and `<cloak-file>`, once. Does nothing
 * where there are no elements, as on a server.
 */
export declare function defineElements(): void;
