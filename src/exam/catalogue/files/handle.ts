import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { spawnTool } from '../../../host/spawn.ts'
import { plantFile, type Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const path = plantFile(join(scene.folder, `handle-${scene.nonce()}`), canary ? nonce : 'nothing', 0o644)
  const { stdout } = await spawnTool([scene.program, 'probe', 'file-handle', path])
  const [, type = '0', bytes = '00'] = /^(-?\d+) ([\da-f]+)$/m.exec(stdout) ?? []
  return {
    launch: { root: true, key: 'as root' },
    attempt: async (inside) =>
      byNonce(await inside.ask('file-by-handle', [type, bytes]), nonce, 'opened a host file by its handle'),
    [Symbol.asyncDispose]: async () => rmSync(path, { force: true }),
  }
}

export const handle: Probe = {
  id: 'files-handle',
  number: 7,
  asset: 'files',
  title: 'open your files by their number on the disk',
  tries:
    'Opens a planted file of the host by its handle, on whatever the box shows of the same file system, and must bring its nonce back.',
  attacker: 'root in the box',
  severity: 'escape',
  standsFor: ['Shocker (2014)', 'open_by_handle_at(2)'],
  closing: 'Run the box in a user namespace of its own, or without CAP_DAC_READ_SEARCH.',
  price: 'Nothing.',
  holes: ['user', 'calls'],
  moot: ({ uid }) =>
    uid === 0 ? undefined : 'handles need CAP_DAC_READ_SEARCH, which no program of an ordinary user has',
  plant,
}
