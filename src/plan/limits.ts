import { GloveboxError } from '../errors.ts'
import type { LimitName, Limits, Policy } from '../policy/types.ts'
import type { Enforcement, Plan } from './types.ts'

const FIELD: Readonly<Record<LimitName, keyof Limits>> = {
  memory: 'memoryBytes',
  cpus: 'cpus',
  processes: 'processes',
  'open-files': 'openFiles',
  disk: 'diskBytes',
  wall: 'wallMs',
}

const WHY: Partial<Readonly<Record<LimitName, string>>> = {
  memory:
    'it needs a cgroup (delegated v2, a systemd user session, or v1 as root), and this host offers none to you',
  cpus: 'it needs a cgroup (delegated v2, a systemd user session, or v1 as root), and this host offers none to you',
  disk: 'the box is kept on the disk, where an unprivileged user has no quota',
}

/** The limits that a policy sets. */
export function limitsOf(policy: Policy): LimitName[] {
  return (Object.keys(FIELD) as LimitName[]).filter((name) => policy.limits[FIELD[name]] !== undefined)
}

/**
 * Says for each limit asked for how it is enforced.
 *
 * @throws GloveboxError LIMIT_UNENFORCEABLE where the host cannot and the user has not waived it by name
 */
export function enforceLimits(
  policy: Policy,
  enforceable: Partial<Readonly<Record<LimitName, Enforcement>>>,
): Plan['enforcement'] {
  return Object.fromEntries(limitsOf(policy).map((name) => [name, enforcement(name, policy, enforceable)]))
}

function enforcement(
  name: LimitName,
  policy: Policy,
  enforceable: Partial<Readonly<Record<LimitName, Enforcement>>>,
): Enforcement {
  const means = enforceable[name]
  if (means !== undefined) return means
  if (policy.allowUnenforced.includes(name)) return 'waived'
  throw new GloveboxError({
    code: 'LIMIT_UNENFORCEABLE',
    audience: 'host',
    message: `Cannot bound ${name} on this host: ${WHY[name] ?? 'the kernel offers no means for it'}.`,
    remedy: `Ask glovebox doctor what would allow it, or go on without this bound: --allow-unenforced ${name}`,
    details: { limit: name },
  })
}
