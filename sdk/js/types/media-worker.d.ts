/**
 * A service worker that opens clean media URLs with the File Access Token as the header `fat`.
 *
 * Serve this file from your own origin, at the root or above the pages that show media, and start it
 * with `startMediaWorker` of `@cloakroom/sdk/worker`, or load it into a worker of your own with
 * `importScripts`. It imports and exports nothing, so that it runs as a classic script as well,
 * where a browser has no module workers.
 *
 * Nothing is kept here. The query of the script's URL says which host is ours, so a worker that was
 * stopped and started again knows it; the token is asked of the page that wants a medium, each time,
 * so that after a logout there is nothing to forget.
 */
export type Surroundings = {
    addEventListener: (type: string, listener: (event: any) => void) => void;
    skipWaiting: () => Promise<void>;
    clients: {
        claim: () => Promise<void>;
        get: (id: string) => Promise<Page | undefined>;
    };
    location: Location;
};
export type Page = {
    postMessage: (message: unknown, ports: MessagePort[]) => void;
};
