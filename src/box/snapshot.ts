import { createHash } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, openSync, truncateSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'
import { requireAct } from '../engine/acts.ts'
import { ENGINES } from '../engine/index.ts'
import { GloveboxError } from '../errors.ts'
import { makeOnce } from '../image/make-once.ts'
import { lastWords } from '../image/tool-output.ts'
import type { OnProgress } from '../image/types.ts'
import type { ImageContext } from '../image/unpack.ts'
import type { BoxRequest, MachineParts, Plan, SnapshotPlan } from '../plan/types.ts'
import { DEFAULT_POLICY } from '../policy/default.ts'
import type { BoxContext } from './context.ts'
import { BoxProcess } from './process.ts'
import { removeBox } from './remove.ts'
import { OWNED, type PlannedBox, planBox, readyBox } from './start.ts'
import { startSupervisor } from './supervisor-process.ts'

/** Raised where the same machine would now be kept in another way. */
const VERSION = 1
/** An emulated machine boots in seconds; one that has not in minutes hangs. */
const MOST_MS = 5 * 60 * 1000
const HEX_DIGITS = 16
const FILES = ['memory', 'state', 'disk'] as const

/** What makes one machine: two requests with the same answer can go on from the same memory. */
type MachineRequest = Pick<BoxRequest, 'engine' | 'image' | 'policy'>

/** What `snapshot list` shows; written beside the memory. */
export interface SnapshotFacts {
  readonly engine: Plan['engine']
  readonly image: { readonly ref: string; readonly digest: string }
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly createdAt: string
}

/**
 * Where the memory of this machine is kept, whether it is there yet or not. The name says all that decides it: the
 * tools image (so the version of QEMU), every word of QEMU's command line (machine, kernel command line, memory), the
 * initramfs and the disks. It begins with the name of the image's disk, so that it goes when the image does.
 *
 * @throws GloveboxError ENGINE_CANNOT
 */
export function snapshotFolder(context: BoxContext, request: MachineRequest, parts: MachineParts): string {
  requireAct(ENGINES[request.engine ?? 'container'], 'resume')
  const { plan, engine } = planSaving(context, request, parts, '/')
  const { args } = engine.bundle(plan).process
  const identity = JSON.stringify({
    version: VERSION,
    tools: parts.tools.digest,
    files: [parts.initramfs, parts.imageDisk, parts.emptyDisk].map((path) => basename(path)),
    words: args.slice(args.indexOf('---')),
    /* The guest's clock is this processor's. */
    processor: cpus()[0]?.model,
  })
  const key = createHash('sha256').update(identity).digest('hex').slice(0, HEX_DIGITS)
  const image = basename(parts.imageDisk).replace(/^base-|\.ext4$/g, '')
  return join(context.store.disks, `snapshot-${image}-${key}`)
}

/**
 * Boots this machine once and keeps its memory, unless that was done before: the guest's server listens, no command has
 * run and it does not know yet which box it is to be.
 *
 * @returns the folder with it
 * @throws GloveboxError ENGINE_CANNOT, SNAPSHOT_NOT_MADE, STORE_BUSY
 */
export async function ensureSnapshot(
  context: BoxContext,
  images: ImageContext,
  request: MachineRequest,
  parts: MachineParts,
  onProgress: OnProgress,
): Promise<string> {
  const path = snapshotFolder(context, request, parts)
  return makeOnce(images, {
    path,
    what: 'boot a machine and keep its memory',
    mode: 0o755,
    make: async (folder) => {
      onProgress({ step: 'snapshot', detail: 'booting the machine' })
      const box = planSaving(context, request, parts, folder)
      const files = FILES.map((name) => join(folder, name))
      /* The user's own files, which the machine's jail may write to as long as it runs. */
      for (const file of files) {
        writeFileSync(file, '')
        chmodSync(file, 0o666)
      }
      truncateSync(join(folder, 'memory'), memoryBytes(box.plan))
      await bootAndKeep(context, box)
      onProgress({ step: 'snapshot', detail: 'waiting for the host’s disk' })
      for (const file of files) settle(file)
      writeFileSync(join(folder, 'snapshot.json'), JSON.stringify(factsOf(box.plan)))
      return folder
    },
  })
}

/** The plan of the machine alone: its size is the policy's, and no command will run in it. */
function planSaving(
  context: BoxContext,
  { engine, image, policy }: MachineRequest,
  parts: MachineParts,
  folder: string,
): PlannedBox {
  const snapshot: SnapshotPlan = { act: 'save', folder, card: hasCard(policy) }
  const { memoryBytes: memory, diskBytes: disk } = (policy ?? DEFAULT_POLICY).limits
  const size = {
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    ...(disk === undefined ? {} : { diskBytes: disk }),
  }
  const limits = { wallMs: MOST_MS, ...size }
  const request: BoxRequest = {
    ...(engine === undefined ? {} : { engine }),
    ...(image === undefined ? {} : { image }),
    command: ['true'],
    terminal: false,
    policy: { ...DEFAULT_POLICY, network: 'none', limits },
  }
  return planBox(context, request, { machine: { ...parts, snapshot } })
}

/** A machine with a card can go on as any box with a network: which one it is comes with the box's setup. */
export const hasCard = (policy: BoxRequest['policy']): boolean =>
  (policy ?? DEFAULT_POLICY).network !== 'none'

const memoryBytes = (plan: Plan): number => plan.machine?.memoryBytes ?? 0

function factsOf({ engine, image, machine }: Plan): SnapshotFacts {
  return {
    engine,
    image: { ref: image.ref, digest: image.digest },
    memoryBytes: machine?.memoryBytes ?? 0,
    diskBytes: machine?.diskBytes ?? 0,
    createdAt: new Date().toISOString(),
  }
}

async function bootAndKeep(context: BoxContext, box: PlannedBox): Promise<void> {
  context.checkPrograms()
  const { command } = readyBox(context, box, OWNED)
  const started = await startSupervisor(command, ['ignore', 'pipe', 'pipe'], { detached: false })
  const { exitCode, stderr } = await new BoxProcess(started).result()
  await removeBox(context.paths.boxes, box.stateDir, context.runJob, box.plan.ids)
  if (exitCode === 0) return
  const words = stderr.toString().split('\n')
  throw new GloveboxError({
    code: 'SNAPSHOT_NOT_MADE',
    audience: 'host',
    message:
      exitCode === 124
        ? `Cannot keep the memory of a machine: it had not booted in ${MOST_MS / 60_000} minutes.`
        : `Cannot keep the memory of a machine: it ended with code ${exitCode} and said: ${lastWords(words)}.`,
    remedy: 'Leave --warm away to boot it, which also shows what is wrong.',
    details: { exitCode },
  })
}

/** On the disk before it gets its name: a page that a crash has lost would be a page of somebody's memory. */
function settle(file: string): void {
  chmodSync(file, 0o444)
  const fd = openSync(file, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
