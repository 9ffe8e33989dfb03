import type { Medium } from './inspector-log.js';
import type { MediaStatistics } from './media-statistics.js';
/** @import { MediaLoadDetail, MediaStateDetail } from './binding.js' */
/** @import { Medium } from './inspector-log.js' */
/** @import { Session } from './session.js' */
/** @import { MediaStatistics } from './media-statistics.js' */
/** Where there are no elements, as on a server, the class can still be imported. */
declare const Base: typeof HTMLElement;
/**
 * `<cloak-inspector>`: for each medium on the page, what happened: how it is, what was loaded by
 * which credential, renewals, retries, refusals, confirmed copies and bytes. It shows no secret, and
 * nothing of a session before the present one. `client` adds what the calls of that client cost.
 */
export declare class CloakInspector extends Base {
    #private;
    /** Such as `CometChat`. @type {{ mediaStatistics: () => MediaStatistics } | null} */
    client: {
        mediaStatistics: () => MediaStatistics;
    } | null;
    constructor();
    connectedCallback(): void;
    disconnectedCallback(): void;
    /** What it knows, the medium that was heard of last first. @returns {Medium[]} */
    get media(): Medium[];
    /** @param {boolean} [open] left out: the other way round */
    toggle(open?: boolean): void;
}
export {};
