import { lstatSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { attachReader, DISK_IN_WRITES } from '../engine/machine.ts'
import { GloveboxError } from '../errors.ts'
import type { BoxRequest, GuestFiles, Plan, ReadingPlan } from '../plan/types.ts'
import { DEFAULT_POLICY } from '../policy/default.ts'
import type { BoxContext } from './context.ts'
import { joinCommand } from './exec.ts'
import { readyMachine } from './machine.ts'
import { BoxProcess } from './process.ts'
import { removeBox } from './remove.ts'
import { OWNED, planBox, readyBox } from './start.ts'
import { type BoxRecord, liveness } from './state.ts'
import { STATUS_FD, startSupervisor } from './supervisor-process.ts'

/** The machine that reads the disks of all the others: it boots in a tenth of a second, and every host can run it. */
const READER = 'uml'
const READER_MEMORY_BYTES = 256 * 2 ** 20
/** A disk whose file system is broken on purpose may hold its reader for ever. */
const MOST_MS = 30 * 60 * 1000
const WORDS_BYTES = 4096

/** A kept box that is a virtual machine. */
export interface KeptMachine {
  readonly dir: string
  readonly record: BoxRecord
}

/** Where the disk of a kept machine lies, or undefined where it has not been made yet. */
function diskOf(plan: Plan): string | undefined {
  const { upper } = plan.storage
  if (upper.kind !== 'disk') return undefined
  const path = `${upper.path}/${DISK_IN_WRITES}`
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (stat.isFile()) return path
  /* Whoever broke out into the jail of this machine could write there: a link would lead to a file of the user's. */
  throw new GloveboxError({
    code: 'DISK_REPLACED',
    audience: 'box',
    message: `Cannot read what box ${plan.box.id} has written: its disk is no file any more.`,
    remedy:
      'Do not trust this box: whatever ran in it has left its virtual machine. Delete it with: glovebox rm',
  })
}

/**
 * Reads files of a kept machine out: by its own server where it runs, else by a machine that boots with its disk and
 * runs nothing. The host parses no file system of a guest's making, only this answer, which is untrusted.
 *
 * @param use reads the answer to its end
 * @returns false where the box has written nothing yet, and `use` was not called
 * @throws GloveboxError GUEST_UNREADABLE, BOX_CHANGED, DISK_REPLACED; what `use` throws
 */
export async function readMachine(
  context: BoxContext,
  { dir, record }: KeptMachine,
  what: GuestFiles,
  use: (answer: Readable) => Promise<void>,
): Promise<boolean> {
  const { plan } = record
  context.checkPrograms()
  if (liveness(dir, record) !== 'ended') {
    const words = joinCommand(context.holder, dir, record, attachReader(plan, what), OWNED_COMMAND)
    await readAll(whatOf(plan), words, use)
    return true
  }
  const disk = diskOf(plan)
  if (disk === undefined) return false
  const before = lstatSync(disk).mtimeMs
  await readDisk(context, plan.image.digest, { disk, what }, whatOf(plan), use)
  if (liveness(dir, record) === 'ended' && lstatSync(disk).mtimeMs === before) return true
  throw new GloveboxError({
    code: 'BOX_CHANGED',
    audience: 'usage',
    message: `Cannot read what box ${plan.box.name ?? plan.box.id} has written: it was started meanwhile.`,
    remedy: 'Try again.',
  })
}

const OWNED_COMMAND = { statusFd: STATUS_FD, dieWithParent: true } as const

const whatOf = ({ box }: Plan): string => `what box ${box.name ?? box.id} has written`

/**
 * Boots a machine with a disk that no other has, which reads it out and runs nothing.
 *
 * @param image any image that is in the store: its disk is mounted, too
 * @param words what is read, for an error
 * @throws GloveboxError GUEST_UNREADABLE; what `use` throws
 */
export async function readDisk(
  context: BoxContext,
  image: string,
  reading: ReadingPlan,
  words: string,
  use: (answer: Readable) => Promise<void>,
): Promise<void> {
  const limits = { ...DEFAULT_POLICY.limits, memoryBytes: READER_MEMORY_BYTES, wallMs: MOST_MS }
  const request: BoxRequest = {
    ...{ engine: READER, image, command: ['read'], workdir: '/', user: '0:0', terminal: false },
    policy: { ...DEFAULT_POLICY, limits },
  }
  const parts = await readyMachine(context, request)
  if (parts === undefined) return
  const box = planBox(context, request, { machine: { ...parts, reading } })
  const { command } = readyBox(context, box, OWNED)
  try {
    await readAll(words, command, use)
  } finally {
    await removeBox(context.paths.boxes, box.stateDir, context.runJob, box.plan.ids)
  }
}

async function readAll(
  what: string,
  words: readonly [string, ...string[]],
  use: (answer: Readable) => Promise<void>,
): Promise<void> {
  const started = await startSupervisor(words, ['pipe', 'pipe', 'pipe'], { detached: false })
  await using process = new BoxProcess(started)
  process.stdin.end()
  const said = textOf(process.stderr)
  await use(process.stdout)
  process.stdout.resume()
  const exitCode = await process.exitCode
  if (exitCode === 0) return
  throw new GloveboxError({
    code: 'GUEST_UNREADABLE',
    audience: 'box',
    message: `Cannot read ${what}: ${(await said) || `its reader ended with code ${exitCode}`}.`,
    remedy: 'Stop what writes in the box and try again, or look inside with: glovebox exec',
    details: { exitCode },
  })
}

async function textOf(stream: Readable): Promise<string> {
  let text = ''
  stream.setEncoding('utf8')
  for await (const chunk of stream) if (text.length < WORDS_BYTES) text += chunk
  return text
    .slice(0, WORDS_BYTES)
    .replace(/^glovebox: /, '')
    .trim()
    .replace(/\.$/, '')
}
