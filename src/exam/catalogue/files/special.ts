import { lstatSync, readdirSync, rmSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { ownFolder, type Scene } from '../../scene.ts'
import { END_MS } from '../../session.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { keptName } from './kept-name.ts'

/** Names looked through on the host at the most; a kept home of the exam's holds a handful. */
const MOST_NAMES = 10_000

/** Why a file of another's making has force here: it is a device, or whoever executes it becomes this user. */
function forceOf(stats: Stats, uid: number, gid: number): string | undefined {
  if (stats.isBlockDevice() || stats.isCharacterDevice()) return 'a device node'
  if (!stats.isFile()) return undefined
  if ((stats.mode & 0o4000) !== 0 && stats.uid === uid) return 'a set-user-id file of your own'
  return (stats.mode & 0o2000) !== 0 && stats.gid === gid ? 'a set-group-id file of your group' : undefined
}

/** Looks below a folder of the host for what bears this name. Folders that the user may not read hold nothing of the user's. */
function find(folder: string, name: string): string | undefined {
  const queue = [folder]
  const { uid, gid } = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  let left = MOST_NAMES
  for (let next = queue.shift(); next !== undefined && left > 0; next = queue.shift())
    for (const entry of list(next)) {
      if (left-- === 0) break
      const path = join(next, entry)
      const stats = lstatSync(path, { throwIfNoEntry: false })
      if (stats?.isDirectory()) queue.push(path)
      const force = stats && entry.includes(name) ? forceOf(stats, uid, gid) : undefined
      if (force !== undefined) return force
    }
  return undefined
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // not there, or for its subordinate owner alone
  }
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const share = ownFolder(scene, `share-${scene.nonce().slice(0, 12)}`)
  const home = keptName(scene, 'home')
  return {
    launch: { root: true, options: ['--home', home.name] },
    attempt: async (inside, place) => {
      const [told, wanted] = [scene.nonce().slice(0, 16), scene.nonce().slice(0, 16)]
      const kept = place.kind === 'box' && place.subject.kind === 'engine'
      const answer = await inside.ask('file-special', [kept ? '~' : share, told])
      await inside.end(END_MS)
      const force = find(kept ? home.folder : share, canary ? told : wanted)
      return byWitness(force !== undefined, answer, `left ${force} in a folder that it shares with the host`)
    },
    [Symbol.asyncDispose]: async () => {
      await home[Symbol.asyncDispose]()
      rmSync(share, { recursive: true, force: true })
    },
  }
}

export const special: Probe = {
  id: 'files-special',
  number: 6,
  asset: 'files',
  title: 'leave a set-user-id file or a device in a shared folder',
  tries:
    'Makes a set-user-id file and a device node in a shared or kept folder; the host looks at mode and owner.',
  attacker: 'root in the box',
  severity: 'escape',
  standsFor: ['CVE-2020-35517'],
  closing: 'Map the ids of the box to subordinate ones, keep what it writes on a disk of its own.',
  price: 'Files of the box belong to other ids than yours; they are copied out to become yours.',
  holes: ['files'],
  plant,
}
