import { IN_JAIL } from '../engine/machine.ts'
import type { OciBundle } from '../engine/oci.ts'
import { openAltered } from './altered-box.ts'
import { withProcess } from './jail-place.ts'
import type { Session } from './session.ts'
import type { EngineSubject } from './types.ts'

export interface GuestOptions {
  /** Kilohertz of the host's counter: what guest/monitor.c measures and puts into the kernel's words. */
  readonly counterKhz: string
  /** Further words of the virtual machine monitor: a hole, for a control. */
  readonly holes?: readonly string[]
  /** Properties that are added to QEMU's machine and processor; of the same name, the last counts. */
  readonly machine?: string
  readonly processor?: string
  /** A folder of the host that is put into the jail under its own name: a hole. */
  readonly folder?: string
}

/** The guest of an attacker, asked by its console. */
export interface Guest extends AsyncDisposable {
  readonly session: Session
}

/**
 * Boots the guest of an attacker who has all of it: the kernel, the disks and the devices of a box of this subject, and the
 * probe program as the guest's first process with every right of its root. It is asked by the machine's serial console: the
 * channel of the monitor is left out, and the other devices are the machine's own.
 *
 * @throws SessionLost where it does not boot
 */
export async function openGuest(
  subject: EngineSubject,
  options: GuestOptions,
  signal: AbortSignal,
): Promise<Guest> {
  const { folder } = options
  const alteration = {
    bundle: (own: OciBundle) => withGuest(subject, own, options),
    ...(folder === undefined ? {} : { folder }),
  }
  const session = await openAltered(subject, alteration, signal)
  const how = subject.engine === 'uml' ? 'off' : 'restart'
  return {
    session,
    [Symbol.asyncDispose]: async () => {
      /* It does not see that its console is closed, so it is told. */
      if (session.alive) await session.ask('power-off', [how], { timeoutMs: 2000 })
      await session.end(1000)
    },
  }
}

/** What the monitor does first (guest/monitor.c, disk_copy_sparse), then the machine. */
const START = `cp --sparse=always ${IN_JAIL.emptyDisk} ${IN_JAIL.ownDisk} && exec "$@"`

function withGuest(subject: EngineSubject, own: OciBundle, options: GuestOptions): OciBundle {
  const { args } = own.process
  const words = args.slice(args.indexOf('---') + 1)
  const machine = subject.engine === 'uml' ? umlWords(words, options) : qemuWords(words, options)
  return withProcess(own, ['/bin/sh', '-c', START, 'sh', ...machine])
}

/**
 * `//init`: under its usual name /init our program would serve the box (guest/main.c). What stands behind `--` are its words
 * (Documentation/admin-guide/kernel-parameters.rst).
 */
const FIRST_WORDS = ['rdinit=//init', 'loglevel=0', '--', 'probe', 'guest-first']

function umlWords(words: readonly string[], { holes = [] }: GuestOptions): string[] {
  const kept = words.filter((word) => !/^(?:virtio_uml\.device|con0?|loglevel)=/.test(word))
  return [...kept, ...holes, 'con=null', 'con0=fd:0,fd:1', ...FIRST_WORDS]
}

function qemuWords(words: readonly string[], options: GuestOptions): string[] {
  const { counterKhz, holes = [] } = options
  const more: Readonly<Record<string, string | undefined>> = {
    '-machine': options.machine,
    '-cpu': options.processor,
  }
  const own = words.map((word, at) => {
    const before = words[at - 1] ?? ''
    if (before === '-append')
      return `${word.replace('tsc_early_khz=HOST', `tsc_early_khz=${counterKhz}`)} ${FIRST_WORDS.join(' ')}`
    if (word.startsWith('socket,id=channel')) return 'null,id=channel'
    return more[before] === undefined ? word : `${word},${more[before]}`
  })
  return [...own, ...holes]
}
