import type { MediaState, MediaStateDetail, Surface } from './binding.js';
import type { MediaSource } from './media-source.js';
import type { AttachmentLike } from './source-of.js';
/** @import { Binding, MediaState, MediaStateDetail, Surface } from './binding.js' */
/** @import { MediaSource } from './media-source.js' */
/** @import { AttachmentLike } from './source-of.js' */
/** Where there are no elements, as on a server, the classes can still be imported. */
declare const Base: typeof HTMLElement;
/**
 * What every element of this SDK does. Slots: `placeholder` until the medium is there, `error`
 * in place of it. Parts: `media`, `placeholder`, `problem`. The attribute `state` says how it is,
 * the events `cloak-state` and `cloak-error` bubble and tell why.
 */
export declare class CloakElement extends Base {
    #private;
    /** The element inside that shows the medium. */
    medium: HTMLElement;
    frame: HTMLDivElement;
    static get observedAttributes(): string[];
    /** Attributes that the medium inside gets too. */
    static passedOn: string[];
    /**
     * @param {HTMLElement} medium the element inside that shows the medium
     * @param {string} [label] the attribute that the name of the file goes to
     */
    constructor(medium: HTMLElement, label?: string);
    connectedCallback(): void;
    disconnectedCallback(): void;
    /** @param {string} name */
    attributeChangedCallback(name: string): void;
    /** How it is: `idle`, `loading`, `shown`, `error` or `gone`. @returns {MediaState} */
    get state(): MediaState;
    /** Media URL, with or without a token. */
    get src(): string;
    set src(url: string);
    /**
     * Whose session it is; the client that was initialised last if none is set.
     *
     * @param {object | undefined} client
     */
    set client(client: object | undefined);
    /**
     * Takes URL, size, thumbnails, placeholder and name of an attachment of a message.
     *
     * @param {AttachmentLike} attachment
     */
    set attachment(attachment: AttachmentLike);
    /** Tries again now. */
    again(): void;
    /**
     * What shows the medium: an image, unless a kind of element says otherwise.
     *
     * @param {MediaSource} source
     * @returns {Surface}
     */
    surfaceOf(source: MediaSource): Surface;
    /** @param {string} name of an attribute that the medium inside gets too */
    pass(name: string): void;
    /** @param {MediaState} state @param {MediaStateDetail} detail */
    onState: (state: MediaState, detail: MediaStateDetail) => void;
}
/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string>} properties
 * @param {HTMLElement[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export declare function make<T extends keyof HTMLElementTagNameMap>(tag: T, properties: Record<string, string>, ...children: HTMLElement[]): HTMLElementTagNameMap[T];
export {};
