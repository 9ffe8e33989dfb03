/** Registers the elements: `import '@cloakroom/sdk/elements'`. */
import { defineElements } from './define-elements.js';
export { CloakFile } from './cloak-file.js';
export { CloakImg } from './cloak-img.js';
export { CloakAudio, CloakVideo } from './cloak-player.js';
export { defineElements };
