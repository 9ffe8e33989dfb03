/** Registers `<cloak-inspector>`: `import '@cloakroom/sdk/inspector'`, while you develop. */
import { CloakInspector } from './cloak-inspector.js';
export { CloakInspector };
