/** @import { Fat } from './fat.js' */
import type { Fat } from './fat.js';
/**
 * When to renew a FAT: after four fifths of its life, but not more than 10 minutes before its end.
 *
 * @param {Fat} fat
 * @returns {number} seconds since 1970 UTC
 */
export declare function renewalTime({ issuedAt, expiresAt }: Fat): number;
/**
 * How long to wait before asking again. Also after a success: an answer that is due at once must
 * not become a loop.
 *
 * @param {number} failures failures in a row
 * @returns {number} seconds
 */
export declare function retryDelay(failures: number): number;
