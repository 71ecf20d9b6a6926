import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { plantFile, type Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { targets } from './planted-folder.ts'

/**
 * A folder in the home with what shells, git and PATH look up there, and a new name in the real autostart folder. Only the
 * last is where the desktop looks; it is removed at the end, and it is no valid entry (Desktop Entry Specification 1.5).
 */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const mark = scene.nonce().slice(0, 16)
  const folder = join(scene.home, `.glovebox-canary-${mark}`)
  scene.remember({ kind: 'path', path: folder })
  mkdirSync(join(folder, 'repository/.git/hooks'), { recursive: true, mode: 0o700 })
  mkdirSync(join(folder, 'bin'))
  const shell = plantFile(join(folder, 'bashrc'), '# a planted file\n', 0o600)
  const fresh = {
    autostart: join(scene.home, '.config/autostart', `glovebox-canary-${mark}.desktop`),
    'a git hook': join(folder, 'repository/.git/hooks/post-checkout'),
    'a folder of PATH': join(folder, 'bin/ls'),
  }
  const places = targets(scene, { ...fresh, 'a shell’s startup file': shell })
  return {
    attempt: async (inside) => {
      const [told, wanted] = [scene.nonce(), scene.nonce()]
      for (const path of Object.values(fresh)) rmSync(path, { force: true })
      const answer = await inside.ask('file-append', [told, shell])
      const created = await inside.ask('file-create', [told, ...Object.values(fresh)])
      const seen = places.holding(canary ? told : wanted)
      const both = { text: `${answer.text}${created.text}`, end: created.end }
      return byWitness(seen.length > 0, both, `wrote to ${seen.join(', ')}`)
    },
    [Symbol.asyncDispose]: async () => {
      places[Symbol.dispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const startup: Probe = {
  id: 'files-startup',
  number: 3,
  asset: 'files',
  title: 'plant programs that start with your session',
  tries:
    'Writes to a planted startup file of a shell, a git hook, a folder of PATH and ~/.config/autostart; the host looks at the files.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['ATT&CK T1546.004', 'ATT&CK T1547.013'],
  closing: 'Give the box a home of its own, or share single folders, read-only.',
  price: 'Results are copied out of the box on purpose.',
  holes: ['files'],
  plant,
}
