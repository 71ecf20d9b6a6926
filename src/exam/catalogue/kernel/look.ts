import { spawnTool } from '../../../host/spawn.ts'
import type { Scene } from '../../scene.ts'

/** What one marked process holds, as the host's own /proc tells it (guest/probe/kernel_look.c). */
export interface Marked {
  readonly pid: number
  /** User ids as the host counts them. */
  readonly realUid: number
  readonly effectiveUid: number
  /** By name: `user`, `net`, `mnt`, `pid`, `time`. */
  readonly spaces: ReadonlyMap<string, string>
  readonly descriptors: readonly Descriptor[]
  /** Its network namespace has the table of nftables that was asked for. */
  readonly table: boolean
  /** The descriptor is there that every marked process has: then its others are seen, too. */
  readonly seen: boolean
}

export interface Descriptor {
  /** Such as `anon_inode:[io_uring]`. */
  readonly link: string
  /** The kernel's name of a socket's protocol, `-` for what is none. */
  readonly protocol: string
  /** Such as `c10:232`, `-` for what is no device. */
  readonly device: string
}

export interface Look {
  /** No process of this kernel can be missing. */
  readonly seesAll: boolean
  readonly marked: readonly Marked[]
}

/** MARK_FD of guest/probe/kernel.h */
const MARK_DESCRIPTOR = '777'
/** Characters that prctl(2) PR_SET_NAME keeps. */
const MARK_LENGTH = 15
/** Milliseconds for a walk through /proc. */
const LOOK_MS = 20_000

/** A name for a process that none has yet. */
export function freshMark(scene: Scene): string {
  return scene.nonce().slice(0, MARK_LENGTH)
}

/** Looks on the host for processes of this name, and in their network namespaces for a table of nftables. */
export async function lookFor(scene: Scene, mark: string, table?: string): Promise<Look> {
  const { stdout } = await spawnTool(
    [scene.program, 'probe', 'kernel-look', mark, ...(table === undefined ? [] : [table])],
    {
      signal: AbortSignal.any([scene.signal, AbortSignal.timeout(LOOK_MS)]),
    },
  )
  return readLook(stdout)
}

/** Pure. */
export function readLook(text: string): Look {
  const [head = '', ...parts] = text.split(/^process /m)
  return { seesAll: head.split('\n').includes('all'), marked: parts.map(readMarked) }
}

function readMarked(part: string): Marked {
  const [first = '', ...lines] = part.split('\n')
  const [pid = 0, realUid = 0, effectiveUid = 0] = first.split(' ').map(Number)
  const words = lines.map((line) => line.split(' '))
  const held = words.filter(([kind]) => kind === 'fd')
  return {
    ...{ pid, realUid, effectiveUid },
    spaces: new Map(
      words.filter(([kind]) => kind === 'space').map(([, name = '', link = '']) => [name, link]),
    ),
    descriptors: held.map(([, , link = '', protocol = '-', device = '-']) => ({ link, protocol, device })),
    table: lines.includes('table'),
    seen: !lines.includes('unseen-table') && held.some(([, number]) => number === MARK_DESCRIPTOR),
  }
}
