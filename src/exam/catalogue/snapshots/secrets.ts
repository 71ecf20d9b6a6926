import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { openContext } from '../../../box/context.ts'
import { ownFolder, plantFile, type Scene } from '../../scene.ts'
import type { Launch, Probe, Trap } from '../../types.ts'
import { OF_SNAPSHOTS } from './warm.ts'

const PIECE = 8 * 2 ** 20

/** Whether the bytes stand in the file; pieces overlap, so that a border hides none. */
function holds(path: string, bytes: Buffer): boolean {
  const piece = Buffer.alloc(PIECE)
  const fd = openSync(path, 'r')
  try {
    for (let at = 0; ; at += PIECE - bytes.length) {
      const read = readSync(fd, piece, 0, PIECE, at)
      if (piece.subarray(0, read).includes(bytes)) return true
      if (read < PIECE) return false
    }
  } finally {
    closeSync(fd)
  }
}

const filesIn = (folder: string): string[] => readdirSync(folder).map((name) => join(folder, name))

/** All files of kept memories in the user's store. */
function keptFiles(): string[] {
  const { disks } = openContext().store
  return readdirSync(disks)
    .filter((name) => name.startsWith('snapshot-'))
    .flatMap((name) => filesIn(join(disks, name)))
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const naive = ownFolder(scene, `kept-${nonce.slice(0, 8)}`)
  const launch: Launch = { options: ['--warm', '--env', `CANARY=${nonce}`], env: { CANARY: nonce } }
  return {
    launch,
    attempt: async (inside, place) => {
      const answer = await inside.ask('echo', [nonce])
      /* The control keeps what it was told, as a memory would that is kept behind a command. */
      if (place.kind !== 'box')
        plantFile(join(naive, `${place.kind}-${scene.number()}`), canary ? answer.text : 'nothing')
      await inside.end()
      const files = place.kind === 'box' ? keptFiles() : filesIn(naive)
      const found = files.find((path) => holds(path, Buffer.from(nonce)))
      return found === undefined
        ? { reached: false, evidence: `${files.length} files of kept memories do not have the nonce` }
        : { reached: true, evidence: 'the nonce lies in a file of a kept memory' }
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const secrets: Probe = {
  ...OF_SNAPSHOTS,
  id: 'snapshots-secrets',
  number: 117,
  title: 'leave secrets of a box in a kept memory',
  tries:
    'A box that goes on from a kept memory is given a nonce by its environment and its input; when it has ended, the files of all kept memories are searched for it. The control keeps what it was told.',
  severity: 'host leak',
  standsFor: ['secrets in snapshots of virtual machines'],
  closing: 'Keep the memory before any command has run, and map it privately.',
  price: 'The start of the application itself is not kept.',
  plant,
}
