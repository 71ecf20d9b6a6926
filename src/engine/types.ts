import type { Plan, ProcessPlan } from '../plan/types.ts'
import type { OciBundle, OciProcess } from './oci.ts'

/** Where things lie inside the holder's root; native/holder.h has the same names. */
export const HOLDER = {
  rootfs: '/box/rootfs',
  bundle: '/box/bundle',
  state: '/box/run/state',
  pidFile: '/box/run/pid',
  console: '/box/run/console',
  runtimeLog: '/box/run/runtime.log',
  /** The folder that a box sees as /run/glovebox, and the program in it. */
  programs: '/box/files/programs',
  guest: '/box/files/programs/guest',
  /** Files that every box gets its own copy of: hostname, hosts, resolv.conf, machine-id. */
  etc: '/box/files/etc',
  home: '/box/home',
  /** A folder within the bound of the box's writes. */
  tmp: '/box/write/tmp',
  /** A runtime that comes from the tools image. */
  runtime: '/box/runtime/runsc',
  /** The parts of a virtual machine: the image's disk, an empty one and the initramfs. */
  machine: '/box/machine',
  /** Name of the one container that a holder holds. */
  container: 'box',
} as const

/** How the holder is to treat a runtime's process: the three words of native/options.c that differ. */
export interface RuntimeCommand {
  readonly argv: readonly [string, ...string[]]
  /** The runtime returns once the box runs, and has written the box's pid. */
  readonly detaches: boolean
  /** A runtime that stays: the box runs when this file of the holder's root holds this text. */
  readonly startedWhen?: { readonly file: string; readonly text: string }
  /** A folder that the runtime of a box with a network is to find empty. */
  readonly covers?: string
}

export interface ExecRequest {
  /** Path of the process document (OCI runtime spec, process) in the holder's root. */
  readonly processFile: string
  readonly terminal: boolean
  /** Keeps the files of several commands in one box apart. */
  readonly suffix: string
}

/** A failed start in words, or undefined where the engine does not know these. */
export interface Diagnosis {
  readonly message: string
  readonly remedy?: string
}

/** What not every technology can do with a box. */
export type Act = 'home' | 'diff' | 'commit' | 'resume'

/** Something that works elsewhere and not with an engine, or not with this version of its runtime. */
export interface Limitation {
  /** Stable, for programs. */
  readonly code: string
  readonly says: string
  readonly remedy?: string
}

/** One isolation technology. Pure: it says what to start, and starts nothing. */
export interface Engine {
  readonly name: Plan['engine']
  /** What it is, in one line for `glovebox engines`. */
  readonly summary: string
  /** OCI runtimes that can carry it, the preferred one first; the host's own, unless they come from the tools image. */
  readonly runtimes: readonly Plan['runtime']['name'][]
  /** Its runtime is the tools image's, never the host's: it is taken out of it before the plan (src/box/runtime.ts). */
  readonly runtimeFromTools?: true
  /** User namespaces inside the box can be forbidden for the whole holder (user.max_user_namespaces). */
  readonly forbidsUserNamespaces: boolean
  /** It is a virtual machine, of this kind: its parts must be there before the plan (src/box/machine.ts). */
  readonly machine?: 'uml' | 'cloud'
  readonly cannot: readonly Act[]
  bundle(plan: Plan): OciBundle
  /** The process document of a further command. */
  process(plan: Plan, process: ProcessPlan): OciProcess
  run(plan: Plan): RuntimeCommand
  exec(plan: Plan, request: ExecRequest): RuntimeCommand
  /** What a program in a box may miss, by the version of the runtime. */
  limitations(version: string): readonly Limitation[]
  diagnose(log: string): Diagnosis | undefined
}
