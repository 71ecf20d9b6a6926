import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { requireAct } from '../engine/acts.ts'
import { ENGINES } from '../engine/index.ts'
import { GloveboxError } from '../errors.ts'
import type { RunJob } from '../host/holder.ts'
import type { IdMaps } from '../host/types.ts'
import type { BoxContext } from './context.ts'
import type { KeptMachine } from './read-machine.ts'
import type { ChangedPath } from './types.ts'

/** Names that find(1) writes of a box's files at the most; a box can make more, and then the diff says so. */
const MAX_BYTES = 256 * 2 ** 20

/**
 * What a kept box changed against its image: both are listed whole, as overlayfs joins them, by find(1) in a job that
 * sees nothing else. The folder of its writes alone would not tell what hides below a folder that was made anew, nor
 * who may write where. Of a virtual machine only the image is listed so; its own files are listed by a guest.
 */
export async function diffBox(context: BoxContext, box: KeptMachine): Promise<ChangedPath[]> {
  const { plan } = box.record
  const { runJob } = context
  requireAct(ENGINES[plan.engine], 'diff')
  const { upper } = plan.storage
  if (upper.kind !== 'disk')
    throw new GloveboxError({
      code: 'BOX_NOT_KEPT',
      audience: 'usage',
      message: `Cannot tell what box ${plan.box.id} changed: its writes are in memory and go with it.`,
      remedy: 'Run it with --keep NAME to see its changes.',
    })
  const { trees } = plan.image
  if (ENGINES[plan.engine].machine !== undefined) {
    const after = await listGuest(context, box)
    return after === undefined
      ? []
      : compare(parse(await list(plan.ids, runJob, trees)), parse(after, 'whole'))
  }
  const own = join(upper.path, 'upper')
  if (!existsSync(own)) return []
  const [before, after] = await Promise.all([
    list(plan.ids, runJob, trees),
    list(plan.ids, runJob, [own, ...trees], own),
  ])
  return compare(parse(before), parse(after))
}

const JOINED = '/box/rootfs'
const OWN = '/box/own'

/** Rows of three: where it was found, its name, and its kind, mode and owners. */
async function list(ids: IdMaps, runJob: RunJob, lowers: readonly string[], own?: string): Promise<string> {
  let output = ''
  const roots = own === undefined ? [JOINED] : [JOINED, OWN]
  const { exitCode } = await runJob(
    {
      ids,
      mounts: own === undefined ? [] : [{ kind: 'ro', source: own, target: OWN }],
      overlay: { lowers, upper: { tmpfsBytes: 2 ** 20 } },
      network: 'none',
      argv: ['/usr/bin/find', ...roots, '-mindepth', '1', '-printf', '%H\\0%P\\0%y %m %U %G\\0'],
      env: { PATH: '/usr/bin:/bin' },
    },
    ['ignore', 'pipe', 'ignore'],
    async (job) => {
      if (job.stdout !== null) output = await collect(job.stdout)
    },
  )
  if (exitCode === 0) return output
  throw new GloveboxError({
    code: 'DIFF_FAILED',
    audience: 'host',
    message: `Cannot list the changes: find ended with code ${exitCode}.`,
    remedy: 'Ask: glovebox doctor',
  })
}

/** The same rows, "whole" and "upper" for the roots. */
async function listGuest(context: BoxContext, box: KeptMachine): Promise<string | undefined> {
  const { readMachine } = await import('./read-machine.ts')
  let output: string | undefined
  await readMachine(context, box, 'list', async (answer) => {
    output = await collect(answer)
  })
  return output
}

async function collect(rows: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of rows as AsyncIterable<Buffer>) {
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
  /* One character a byte: two names that are no UTF-8 must not look alike. */
  return Buffer.concat(chunks).toString('latin1')
}

/** Where the box's own files are mounted: the runtime makes the places for them. */
const MOUNT_POINTS = ['etc/hostname', 'etc/hosts', 'etc/machine-id', 'etc/resolv.conf', 'run/glovebox']

/** Files by name: kind, mode and owners as one text, and whether the box has written them itself. */
export type Listing = ReadonlyMap<string, { readonly what: string; readonly own: boolean }>

function parse(output: string, joined = JOINED): Listing {
  const words = output.split('\0')
  const files = new Map<string, { what: string; own: boolean }>()
  const own: string[] = []
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [root, path, what] = words.slice(at, at + 3) as [string, string, string]
    if (root === joined) files.set(path, { what, own: false })
    else own.push(path)
  }
  for (const path of own) {
    const file = files.get(path)
    if (file !== undefined) file.own = true
  }
  return files
}

/** Pure. Of a folder that is gone only the folder itself is told. */
export function compare(before: Listing, after: Listing): ChangedPath[] {
  const changes: ChangedPath[] = []
  const tell = (change: ChangedPath['change'], path: string): void => {
    changes.push({ change, path: `/${Buffer.from(path, 'latin1').toString('utf8')}` })
  }
  for (const [path, file] of after) {
    const old = before.get(path)
    if (old === undefined && !MOUNT_POINTS.includes(path)) tell('added', path)
    const rewritten = file.own && !isFolder(file)
    if (old !== undefined && (old.what !== file.what || rewritten)) tell('modified', path)
  }
  for (const path of before.keys()) {
    const parent = after.get(path.slice(0, Math.max(0, path.lastIndexOf('/'))))
    if (!after.has(path) && (!path.includes('/') || isFolder(parent))) tell('deleted', path)
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

const isFolder = (file: { readonly what: string } | undefined): boolean => file?.what.startsWith('d') === true
