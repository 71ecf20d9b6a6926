import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { plantFile, type Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const path = plantFile(join(scene.folder, `cache-${scene.nonce()}`), `${'-'.repeat(4000)}\n`, 0o444)
  return {
    attempt: async (inside) => {
      const [told, wanted] = [scene.nonce(), scene.nonce()]
      const answer = await inside.ask('file-dirty', [told, path])
      const seen = readFileSync(path, 'latin1').includes(canary ? told : wanted)
      return byWitness(seen, answer, 'changed a file of the host that it may only read')
    },
    [Symbol.asyncDispose]: async () => rmSync(path, { force: true }),
  }
}

export const pageCache: Probe = {
  id: 'files-page-cache',
  number: 16,
  asset: 'files',
  title: 'change files that it may only read',
  tries:
    'Writes through a pipe into the page cache of a planted read-only file; the host reads the file again.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['CVE-2022-0847'],
  closing: 'Keep the host’s kernel up to date; or an engine with a kernel of its own.',
  price: 'Nothing.',
  holes: ['files', 'calls'],
  moot: ({ kernel }) => `the kernel of this machine, ${kernel}, does not have the fault`,
  plant,
}
