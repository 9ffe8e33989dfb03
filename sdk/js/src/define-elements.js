import { CloakFile } from './cloak-file.js'
import { CloakImg } from './cloak-img.js'
import { CloakAudio, CloakVideo } from './cloak-player.js'

const ELEMENTS = {
  'cloak-img': CloakImg,
  'cloak-video': CloakVideo,
  'cloak-audio': CloakAudio,
  'cloak-file': CloakFile
}

/**
 * Registers `<cloak-img>`, `<cloak-video>`, `<cloak-audio>` and `<cloak-file>`, once. Does nothing
 * where there are no elements, as on a server.
 */
export function defineElements() {
  const registry = globalThis.customElements
  if (registry === undefined) return
  for (const [name, element] of Object.entries(ELEMENTS)) {
    if (registry.get(name) === undefined) registry.define(name, element)
  }
}
