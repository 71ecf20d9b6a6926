import { GUEST_IN_BOX } from '../engine/bundle.ts'
import type { OciBundle } from '../engine/oci.ts'
import { HOLDER } from '../engine/types.ts'
import { type Alteration, openAltered } from './altered-box.ts'
import type { EngineSubject, Place, Subject } from './types.ts'

/** What guest/monitor.c gives to a virtual machine monitor. */
const MONITOR_ENV = ['HOME=/tmp', 'TMPDIR=/dev/shm', 'PATH=/usr/bin:/bin']

/** Why there is no second wall whose inside could be looked at; undefined where there is one. */
export function withoutJail(subject: Subject): string | undefined {
  if (subject.kind === 'foreign') return 'which process of it would be the first wall is not known'
  if (subject.engine === 'container') return 'its first wall is the kernel of the host itself'
  return undefined
}

/**
 * The place that whoever has broken out of the first wall finds itself in: the probe program runs instead of the virtual
 * machine monitor, as its user, in its mounts, namespaces, filter and Landlock domain (guest/monitor.c takes the same as
 * `init` does); for gVisor in the holder, instead of runsc. The sentry's own filter forbids execve(2), so no program can be
 * put in its very place: the holder is what is around that.
 */
export function jailPlace(subject: EngineSubject, signal: AbortSignal): Place {
  const alteration = subject.engine === 'gvisor' ? IN_HOLDER : IN_JAIL
  return { kind: 'box', subject, open: () => openAltered(subject, alteration, signal) }
}

const IN_JAIL: Alteration = {
  bundle: (own) => withProcess(own, [GUEST_IN_BOX, 'init', '--', GUEST_IN_BOX, 'probe']),
}

const IN_HOLDER: Alteration = {
  run: () => ({ argv: [HOLDER.guest, 'probe'], detaches: false }),
}

/** The bundle with these words in the place of the monitor's. */
export function withProcess(own: OciBundle, args: readonly string[]): OciBundle {
  return { ...own, process: { ...own.process, args, env: MONITOR_ENV } }
}
