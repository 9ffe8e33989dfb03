/** Types of `@cloakroom/sdk/elements`: what is exported, and what the page knows by then. */

import type { MediaStateDetail } from './types/binding.js'
import type { CloakAudio, CloakFile, CloakImg, CloakVideo } from './types/elements.js'

export * from './types/elements.js'
export type { MediaState, MediaStateDetail } from './types/binding.js'

declare global {
  interface HTMLElementTagNameMap {
    'cloak-audio': CloakAudio
    'cloak-file': CloakFile
    'cloak-img': CloakImg
    'cloak-video': CloakVideo
  }

  interface HTMLElementEventMap {
    'cloak-error': CustomEvent<MediaStateDetail>
    'cloak-state': CustomEvent<MediaStateDetail>
  }
}
