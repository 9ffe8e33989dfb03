/** Types of `@cloakroom/sdk/inspector`: what is exported, and what the page knows by then. */

import type { CloakInspector } from './types/inspector.js'

export * from './types/inspector.js'

declare global {
  interface HTMLElementTagNameMap {
    'cloak-inspector': CloakInspector
  }
}
