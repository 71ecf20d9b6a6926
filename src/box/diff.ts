import type { ChildProcess } from 'node:child_process'
import { GloveboxError } from '../errors.ts'
import type { RunJob } from '../host/holder.ts'
import type { Plan } from '../plan/types.ts'
import type { ChangedPath } from './types.ts'

/** Names that find(1) writes of a box's files at the most; a box can make more, and then the diff says so. */
const MAX_BYTES = 256 * 2 ** 20

/**
 * What a kept box changed against its image, by overlayfs' upper folder: its own entries, with whiteouts as deletions.
 * Folders that only lead to a change are left out where the image has them.
 */
export async function diffBox(plan: Plan, runJob: RunJob): Promise<ChangedPath[]> {
  const { upper } = plan.storage
  if (upper.kind !== 'disk')
    throw new GloveboxError({
      code: 'BOX_NOT_KEPT',
      audience: 'usage',
      message: `Cannot tell what box ${plan.box.id} changed: its writes are in memory and go with it.`,
      remedy: 'Run it with --keep NAME to see its changes.',
    })
  const mounts = [upper.path, ...plan.image.trees].map((source, at) => ({
    kind: 'ro' as const,
    source,
    target: `/box/t/${at}`,
  }))
  const roots = ['/box/t/0/upper', ...plan.image.trees.map((_tree, at) => `/box/t/${at + 1}`)]
  let output: Uint8Array = Buffer.alloc(0)
  await runJob(
    {
      ids: plan.ids,
      mounts,
      network: 'none',
      argv: ['/usr/bin/find', ...roots, '-mindepth', '1', '-printf', '%H\\0%y\\0%P\\0'],
      env: { PATH: '/usr/bin:/bin' },
    },
    ['ignore', 'pipe', 'ignore'],
    async (job) => {
      output = await collect(job)
    },
  )
  return compare(Buffer.from(output).toString('utf8').split('\0'))
}

async function collect(job: ChildProcess): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of job.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BYTES)
      throw new GloveboxError({
        code: 'DIFF_TOO_LARGE',
        audience: 'box',
        message: 'Cannot list the changes: the box has made too many files.',
        remedy: 'Look inside with: glovebox exec',
      })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Where the box's own files are mounted: the runtime makes the places for them. */
const MOUNT_POINTS = ['etc/hostname', 'etc/hosts', 'etc/machine-id', 'etc/resolv.conf', 'run/glovebox']

/** Rows of three: the root that find walked, the kind, the path below it. Pure. */
export function compare(words: readonly string[]): ChangedPath[] {
  const below = new Map<string, string>()
  const own: { kind: string; path: string }[] = []
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [root, kind, path] = words.slice(at, at + 3) as [string, string, string]
    if (root === '/box/t/0/upper') own.push({ kind, path })
    else if (!below.has(path)) below.set(path, kind)
  }
  return own
    .filter(({ kind, path }) => !(kind === 'd' && below.get(path) === 'd') && !MOUNT_POINTS.includes(path))
    .map(({ kind, path }) => ({ change: changeOf(kind, below.get(path)), path: `/${path}` }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

function changeOf(kind: string, before: string | undefined): ChangedPath['change'] {
  if (kind === 'c') return 'deleted'
  return before === undefined || before === 'c' ? 'added' : 'modified'
}
