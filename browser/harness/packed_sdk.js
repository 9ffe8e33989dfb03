/** The SDK as its users get it: packed, and unpacked where the fixtures import it from. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SDK = fileURLToPath(new URL('../../sdk/js/', import.meta.url))
const INSTALLED = fileURLToPath(new URL('../node_modules/@cloakroom/sdk/', import.meta.url))

/** Folder of the programs that use the SDK. */
export const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url))

/** @type {Promise<void> | null} */
let done = null

/** Packs and unpacks it, once in a process. */
export function installSdk() {
  done ??= pack()
  return done
}

async function pack() {
  const folder = await mkdtemp(join(tmpdir(), 'cloakroom-packed-'))
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: SDK })
    const [archive] = await readdir(folder)
    await rm(INSTALLED, { recursive: true, force: true })
    await mkdir(INSTALLED, { recursive: true })
    await run('tar', ['-xzf', join(folder, archive), '-C', INSTALLED, '--strip-components=1'])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
