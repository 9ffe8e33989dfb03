import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Fails if `types/` is not what `npm run types` would write.
const root = fileURLToPath(new URL('..', import.meta.url))
const fresh = mkdtempSync(join(tmpdir(), 'cloakroom-types-'))
try {
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  const args = ['--project', join(root, 'tsconfig.types.json'), '--outDir', fresh]
  const { status } = spawnSync(tsc, args, { stdio: 'inherit' })
  const isSame =
    status === 0 && JSON.stringify(read(fresh)) === JSON.stringify(read(join(root, 'types')))
  if (!isSame) {
    console.error('types/ is out of date: run `npm run types`')
    process.exitCode = 1
  }
} finally {
  rmSync(fresh, { recursive: true })
}

/** @param {string} directory */
function read(directory) {
  return readdirSync(directory)
    .sort()
    .map((name) => [name, readFileSync(join(directory, name), 'utf8')])
}
