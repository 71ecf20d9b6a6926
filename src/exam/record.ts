import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { arch, cpus, release } from 'node:os'
import { dryRun } from '../box/boxes.ts'
import type { BoxContext } from '../box/context.ts'
import { readDistribution } from '../host/distribution.ts'
import { findTool } from '../host/spawn.ts'
import { askVersion } from '../host/tool-version.ts'
import type { Plan } from '../plan/types.ts'
import { describePolicy } from '../policy/words.ts'
import { PROGRAM_WORD } from './place.ts'
import type { HostRecord, SubjectRecord } from './result-types.ts'
import type { EngineSubject, ForeignSubject, Subject } from './types.ts'

export function hostRecord(): HostRecord {
  return {
    kernel: release(),
    machine: arch(),
    distribution: readDistribution().title,
    uid: process.getuid?.() ?? 0,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    lsm: readOptional('/sys/kernel/security/lsm').trim(),
  }
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // securityfs is not mounted, or not for this user
  }
}

/** What was examined, with versions and digests: what a certificate binds. */
export async function subjectRecord(context: BoxContext, subject: Subject): Promise<SubjectRecord> {
  return subject.kind === 'engine' ? engineRecord(context, subject) : foreignRecord(subject)
}

/** What is known of a subject that cannot be made here: no versions and no digests, so no certificate covers it. */
export function recordWithoutParts(subject: Subject): SubjectRecord {
  const argv = subject.kind === 'engine' ? commandOf(subject) : (subject.shown ?? subject.argv)
  const engine = subject.kind === 'engine' ? { engine: subject.engine } : {}
  return { kind: subject.kind, name: subject.name, argv, tools: [], ...engine, notes: [] }
}

const commandOf = ({ options, image }: EngineSubject): string[] => [
  ...['glovebox', 'run', ...options, '--image', image, '--', PROGRAM_WORD],
]

async function engineRecord(context: BoxContext, subject: EngineSubject): Promise<SubjectRecord> {
  const { engine, image, policy } = subject
  const { plan } = await dryRun(context, { engine, image, policy, command: ['true'], terminal: false })
  return {
    kind: 'engine',
    name: subject.name,
    argv: commandOf(subject),
    tools: toolsOf(plan),
    engine,
    image: { ref: plan.image.ref, digest: plan.image.digest },
    policy: { digest: policyDigest(plan), says: describePolicy(policy).trim().split('\n') },
    notes: plan.notes,
  }
}

/** Names and versions of what makes a box: what a certificate is bound to. */
export function toolsOf({ runtime, machine }: Pick<Plan, 'runtime' | 'machine'>): string[] {
  const tools = [
    `${runtime.name} ${runtime.version}${runtime.platform === undefined ? '' : ` (${runtime.platform})`}`,
  ]
  if (machine !== undefined)
    tools.push(`tools image ${machine.tools.digest}`, `accelerator ${machine.accelerator ?? 'none'}`)
  return tools
}

/** sha256 of what the policy came to, with its names in order. */
export function policyDigest({ policy }: Pick<Plan, 'policy'>): string {
  return `sha256:${createHash('sha256').update(canonical(policy)).digest('hex')}`
}

/** JSON with sorted names: the same policy has the same text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`)
    .join(',')}}`
}

function foreignRecord(subject: ForeignSubject): SubjectRecord {
  const [tool = ''] = subject.argv
  const path = findTool(tool)
  const version = path === undefined || tool === PROGRAM_WORD ? undefined : askVersion(path)
  return {
    kind: 'foreign',
    name: subject.name,
    argv: subject.shown ?? subject.argv,
    tools: version === undefined ? [] : [`${tool} ${version}`],
    notes: path === undefined && tool !== PROGRAM_WORD ? [`${tool} is not installed`] : [],
  }
}
