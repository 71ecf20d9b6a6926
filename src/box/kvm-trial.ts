import { rmSync } from 'node:fs'
import { GUEST_IN_BOX } from '../engine/bundle.ts'
import { ENGINES } from '../engine/index.ts'
import { GloveboxError } from '../errors.ts'
import { openFolder } from '../host/paths.ts'
import { ensureEmptyDisk } from '../image/disk.ts'
import { ensureInitramfs } from '../image/initramfs.ts'
import type { ResolvedImage } from '../image/types.ts'
import { makePlan } from '../plan/make.ts'
import type { Accelerator, MachineParts, Plan } from '../plan/types.ts'
import { DEFAULT_POLICY } from '../policy/default.ts'
import { printable } from '../policy/quote.ts'
import type { BoxContext } from './context.ts'
import { imagesOf } from './images.ts'
import { type KvmTrialEnd, trialFolder } from './kvm-answer.ts'
import { newBoxId, newMachineId } from './prepare.ts'
import { BoxProcess } from './process.ts'
import { OWNED, readyBox } from './start.ts'
import { startSupervisor } from './supervisor-process.ts'

/** A guest under KVM is up in a second; under nested KVM that works, in a few. */
const DEADLINE_MS = 20_000
const DISK_BYTES = 16 * 2 ** 20
const MEMORY_BYTES = 256 * 2 ** 20
/** What is kept of QEMU's last words. */
const WORDS = 200

/**
 * Boots a guest without an image, by the very words and in the very jail of a box of engine `vm`, as far as its first
 * command. Ends at its deadline by killing all of it; ends with this process.
 *
 * @throws the signal's reason where it was aborted
 */
export async function bootTrial(
  context: BoxContext,
  tools: ResolvedImage,
  accelerator: Accelerator,
  signal?: AbortSignal,
  deadlineMs: number = DEADLINE_MS,
): Promise<KvmTrialEnd> {
  context.checkPrograms()
  const apart = standApart(context)
  const folder = trialFolder(context.paths)
  rmSync(folder, { recursive: true, force: true })
  openFolder(apart.paths.boxes.runtime, process.getuid?.() ?? 0)
  try {
    return await boot(apart, await planTrial(apart, tools, accelerator), signal, deadlineMs)
  } catch (error) {
    if (error instanceof GloveboxError) return { kind: 'untried', words: lastWords(error.message) }
    throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** It is no box of the user's: no list and no journal has it. */
function standApart(context: BoxContext): BoxContext {
  const { paths } = context
  const boxes = { ...paths.boxes, runtime: `${trialFolder(paths)}/boxes` }
  return { ...context, paths: { ...paths, boxes } }
}

async function planTrial(context: BoxContext, tools: ResolvedImage, accelerator: Accelerator): Promise<Plan> {
  const images = imagesOf(context)
  const engine = ENGINES.vm
  const [{ path, kernel }, disk] = await Promise.all([
    ensureInitramfs(images, tools, 'cloud', context.guest),
    ensureEmptyDisk(images, DISK_BYTES),
  ])
  const machine: MachineParts = {
    ...{ tools: { digest: tools.digest, trees: tools.trees }, kernel, initramfs: path },
    ...{ imageDisk: disk, emptyDisk: disk, accelerator },
  }
  const id = newBoxId()
  /* Nothing of it is waited for or bounded but memory and disk, which the machine itself bounds. */
  const limits = { ...DEFAULT_POLICY.limits, memoryBytes: MEMORY_BYTES, diskBytes: DISK_BYTES }
  const config = {
    user: '0',
    workdir: '/',
    env: [],
    entrypoint: [],
    cmd: [],
    neededGrants: [],
    asksNetwork: false,
  }
  return makePlan(
    { policy: { ...DEFAULT_POLICY, network: 'none', limits }, command: [GUEST_IN_BOX, 'landlock'] },
    { ref: 'trial', digest: tools.digest, trees: [], config, accounts: { users: [], groups: [] } },
    context.viewOf({ runtimes: engine.runtimes, bounds: [] }),
    {
      ...{ id, machineId: newMachineId(), name: undefined, engine: engine.name, runtimes: engine.runtimes },
      ...{ stateDir: `${context.paths.boxes.runtime}/${id}`, homeDir: undefined, terminal: false, machine },
    },
  )
}

async function boot(
  context: BoxContext,
  plan: Plan,
  signal: AbortSignal | undefined,
  deadlineMs: number,
): Promise<KvmTrialEnd> {
  const stateDir = `${context.paths.boxes.runtime}/${plan.box.id}`
  const { command } = readyBox(context, { plan, engine: ENGINES.vm, stateDir, kept: false }, OWNED)
  /* From here on, as what is made before is made once, and may take its time. */
  const deadline = AbortSignal.timeout(deadlineMs)
  const stop = signal === undefined ? deadline : AbortSignal.any([deadline, signal])
  signal?.throwIfAborted()
  try {
    const started = await startSupervisor(command, ['ignore', 'pipe', 'pipe'], {
      detached: false,
      signal: stop,
    })
    const { exitCode, stderr } = await new BoxProcess(started).result()
    signal?.throwIfAborted()
    if (exitCode === 0) return { kind: 'works' }
    if (!deadline.aborted) return endOf(lastWords(stderr.toString()))
  } catch (error) {
    if (signal?.aborted || !deadline.aborted) throw error
  }
  return { kind: 'hangs' }
}

/** KVM_CREATE_VM says so where another hypervisor has the processor; that says nothing of tomorrow. */
const BUSY = /Device or resource busy/
const HELD = 'another hypervisor, such as VirtualBox, holds the processor’s virtualization just now'

const endOf = (words: string): KvmTrialEnd =>
  BUSY.test(words) ? { kind: 'untried', words: HELD } : { kind: 'aborts', words }

/** Of what the monitor shows behind bars (guest/monitor.c), the last line in which QEMU speaks; else the last one. */
function lastWords(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^glovebox: (\| )?/, '').trim())
  const said = lines.findLast((line) => line.startsWith('qemu')) ?? lines.findLast((line) => line !== '')
  return printable(said ?? 'it said nothing')
    .replace(/\.$/, '')
    .slice(0, WORDS)
}
