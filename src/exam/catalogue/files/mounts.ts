import { readFileSync, rmSync } from 'node:fs'
import { spawnTool } from '../../../host/spawn.ts'
import { ownFolder, type Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

/** Whether something is mounted there, as this process sees it. */
const isMounted = (path: string): boolean =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[4] === path)

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const [told, wanted] = ['mount', 'no-mount'].map((name) =>
    ownFolder(scene, `${name}-${scene.nonce().slice(0, 12)}`),
  ) as [string, string]
  for (const path of [told, wanted]) scene.remember({ kind: 'mount', path })
  return {
    launch: { root: true, key: 'as root' },
    attempt: async (inside) => {
      const held = inside.hold('file-mount', [told])
      await held.until('mounted')
      const seen = isMounted(canary ? told : wanted)
      return byWitness(seen, await held.release(), 'a file system it mounted covers a folder of the host')
    },
    [Symbol.asyncDispose]: async () => {
      if (isMounted(told)) await spawnTool(['umount', '--lazy', told])
      for (const path of [told, wanted]) rmSync(path, { recursive: true, force: true })
    },
  }
}

export const mounts: Probe = {
  id: 'files-mounts',
  number: 15,
  asset: 'files',
  title: 'mount over your folders',
  tries: 'Mounts an empty file system over a planted folder; the host looks whether it is covered here.',
  attacker: 'root in the box',
  severity: 'escape',
  standsFor: ['shared mount propagation (mount_namespaces(7))'],
  closing: 'Give the box a mount namespace of its own, with private propagation.',
  price: 'Disks that are plugged in later do not show in the box.',
  holes: ['files', 'user', 'calls'],
  moot: ({ uid }) => (uid === 0 ? undefined : 'what an ordinary user mounts is seen by nobody else'),
  plant,
}
