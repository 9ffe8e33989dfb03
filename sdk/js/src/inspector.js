/** Registers `<cloak-inspector>`: `import '@cloakroom/sdk/inspector'`, while you develop. */

import { CloakInspector } from './cloak-inspector.js'

if (globalThis.customElements?.get('cloak-inspector') === undefined) {
  globalThis.customElements?.define('cloak-inspector', CloakInspector)
}

export { CloakInspector }
