import { GloveboxError } from '../errors.ts'
import { advice, type Finding, ok } from '../host/doctor.ts'
import type { ToolsFacts } from '../image/tools-facts.ts'
import type { PendingUpdate } from '../image/tools-pending.ts'
import type { Plan } from '../plan/types.ts'

/** What is known of the tools image. */
export interface ToolsSurvey {
  /** Undefined before it is built. */
  readonly facts: ToolsFacts | undefined
  /** gVisor's runtime as it was taken out and tried; undefined where there is none. */
  readonly gvisor: Plan['runtime'] | GloveboxError | undefined
  /** What the mirror was found to have; undefined where it was not asked. */
  readonly pending: readonly PendingUpdate[] | GloveboxError | undefined
  readonly now: Date
}

/** Debian publishes security updates of QEMU and kernels more often than that. */
const OLD_DAYS = 30
const DAY_MS = 24 * 60 * 60 * 1000
const UPDATE = 'glovebox tools update'
const NAMES = {
  qemu: 'QEMU',
  kernel: 'the kernel of virtual machines',
  uml: 'User-Mode Linux',
  runsc: 'gVisor',
}

/** Judges the tools image. Pure: the words and remedies are tested by table. */
export function judgeTools(survey: ToolsSurvey): Finding[] {
  const { facts } = survey
  if (facts === undefined)
    return [
      ok(
        'tools',
        `The tools image (QEMU, guest kernels, gVisor) is not built yet: the first box that takes it builds it, or: ${UPDATE}`,
      ),
    ]
  return [...content(facts), age(facts, survey.now), ...updates(survey), ...gvisor(survey)]
}

function content({ programs }: ToolsFacts): Finding[] {
  const there = programs.map(({ what, version }) => `${NAMES[what]} ${version}`).join(', ')
  const missing = Object.entries(NAMES).filter(([what]) => !programs.some((one) => one.what === what))
  return [
    ok('tools', `The tools image has ${there}.`),
    ...missing.map(([what, name]) =>
      advice(`tools-${what}`, `The tools image lacks ${name}: boxes of that engine do not start.`, UPDATE),
    ),
  ]
}

function age({ packagesAsOf }: ToolsFacts, now: Date): Finding {
  const from = Date.parse(packagesAsOf ?? '')
  if (Number.isNaN(from))
    return advice('tools-age', 'How old the packages of the tools image are is not known.', UPDATE)
  const days = Math.max(0, Math.floor((now.getTime() - from) / DAY_MS))
  const since = days === 1 ? 'one day' : `${days} days`
  const says = `The tools image is locked to packages of ${packagesAsOf?.slice(0, 10)}, ${since} ago`
  return days <= OLD_DAYS
    ? ok('tools-age', `${says}.`)
    : advice('tools-age', `${says}: security updates may be missing.`, UPDATE)
}

/** What could not be looked at is told as it was, and keeps nothing else from being told. */
export function failure(id: string, { message, remedy }: GloveboxError): Finding {
  return advice(id, message, remedy ?? 'glovebox doctor')
}

/** How many of the packages are named. */
const NAMED = 5

function updates({ pending }: ToolsSurvey): Finding[] {
  if (pending === undefined) return []
  if (pending instanceof GloveboxError) return [failure('tools-updates', pending)]
  const named = (list: readonly PendingUpdate[]): string => {
    const more = list.length > NAMED ? ` and ${list.length - NAMED} more` : ''
    return `${list
      .slice(0, NAMED)
      .map(({ name, version, candidate }) => `${name} ${version} → ${candidate}`)
      .join(', ')}${more}`
  }
  const security = pending.filter((one) => one.security)
  const others = pending.filter((one) => !one.security)
  if (security.length > 0)
    return [advice('tools-updates', `The tools image lacks security updates: ${named(security)}.`, UPDATE)]
  if (others.length > 0)
    return [
      advice('tools-updates', `The tools image lacks updates, none for security: ${named(others)}.`, UPDATE),
    ]
  return [ok('tools-updates', 'The mirror has nothing newer for the tools image.')]
}

function gvisor({ gvisor: runtime }: ToolsSurvey): Finding[] {
  if (runtime === undefined) return []
  if (runtime instanceof GloveboxError) return [failure('gvisor', runtime)]
  const { platform, version } = runtime
  if (platform === 'systrap') return [ok('gvisor', `gVisor works (runsc ${version}, platform systrap).`)]
  if (platform !== undefined)
    return [
      advice(
        'gvisor',
        `gVisor works, but by ${platform} only (runsc ${version}): system calls take about 30 times as long as by systrap.`,
        'Use --engine container where speed counts; a newer kernel may let systrap work.',
      ),
    ]
  return [
    advice(
      'gvisor',
      `gVisor (runsc ${version}) does not start on this machine: neither by systrap nor by ptrace.`,
      'Use another engine.',
    ),
  ]
}
