import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { currentPaths } from '../../../host/paths.ts'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { LEAVES_AS_ROOT, staysThere } from './own-probe.ts'

/** Entries of Glovebox's own state that are looked through at the most. */
const MOST_ENTRIES = 50_000

/** Folders that outlive whoever writes there, of every user and of this one. */
function folders(scene: Scene): string[] {
  const runtime = process.env['XDG_RUNTIME_DIR']
  return ['/tmp', '/var/tmp', '/dev/shm', scene.home, ...(runtime?.startsWith('/') ? [runtime] : [])]
}

/** Paths below Glovebox's own folders for boxes whose name holds this: what a box wrote there was to go with it. */
function inOwnState(name: string): string[] {
  const { runtime } = currentPaths()
  const [queue, found] = [[runtime], [] as string[]]
  let left = MOST_ENTRIES
  for (let next = queue.shift(); next !== undefined; next = queue.shift())
    for (const entry of list(next)) {
      if (left-- <= 0) return found
      const path = join(next, entry)
      if (entry.includes(name)) found.push(path)
      if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) queue.push(path)
    }
  return found
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // it went meanwhile, or is a box's alone
  }
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const made: string[] = []
  return {
    launch: LEAVES_AS_ROOT,
    attempt: async (inside, place) => {
      const [told, wanted] = [0, 1].map(() => `glovebox-canary-${scene.nonce()}`) as [string, string]
      const paths = folders(scene).map((folder) => join(folder, told))
      for (const path of paths) scene.remember({ kind: 'path', path })
      made.push(...paths)
      const answer = await inside.ask('file-create', ['left', ...paths, `~/${told}`])
      const name = canary ? told : wanted
      const look = () => [
        ...folders(scene).filter((folder) => list(folder).includes(name)),
        ...inOwnState(name),
      ]
      return async () => {
        const stayed = await staysThere(place, () => look().length > 0)
        return byWitness(stayed, answer, `a file of an ended box lies in ${look().join(', ')}`)
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const path of made) rmSync(path, { force: true })
    },
  }
}

export const hostFiles: Probe = {
  id: 'persistence-host-files',
  number: 106,
  asset: 'persistence',
  title: 'leave files on your machine',
  tries:
    'Makes files with a nonce in their names in /tmp, /var/tmp, /dev/shm and the home folder, and ends; the host looks for the names.',
  attacker: 'root in the box',
  severity: 'host leak',
  standsFor: ['ATT&CK T1074', 'disposability'],
  closing: 'Give the box a root and a home that go with it.',
  price: 'What is to stay is kept by name (--keep, --home) or copied out.',
  holes: ['files'],
  plant,
}
