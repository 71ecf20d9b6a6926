import { createHash } from 'node:crypto'
import { GloveboxError } from '../errors.ts'
import { breachesOf, countVerdicts } from './outcome.ts'
import type { ExamResult, Finding, SubjectResult } from './result-types.ts'
import { ASSETS, type Asset, type Severity, type Verdict } from './types.ts'

/** in-toto Attestation Framework, Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md). */
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
/** The type of our predicate: docs/exam.md says what its fields mean. */
export const PREDICATE_TYPE = 'urn:glovebox:isolation-exam:v1'

/** What a box is made of, as far as its isolation depends on it: an exam speaks of this very combination. */
export interface Combination {
  readonly glovebox: string
  /** Release of the host's kernel. */
  readonly kernel: string
  readonly machine: string
  readonly distribution: string
  /** Boxes of root are made in another way than those of a user. */
  readonly asRoot: boolean
  readonly engine: string
  readonly tools: readonly string[]
  /** Digests, as `sha256:…`. */
  readonly image: string
  readonly policy: string
  /** Of the ids of all probes. */
  readonly catalogue: string
}

/** An in-toto statement about an image under a policy: what an exam of it came to, and on what. */
export interface Certificate {
  readonly _type: typeof STATEMENT_TYPE
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[]
  readonly predicateType: typeof PREDICATE_TYPE
  readonly predicate: {
    readonly exam: string
    /** ISO 8601, UTC. */
    readonly startedAt: string
    readonly endedAt: string
    readonly combination: Combination
    /** For readers; nothing is bound to it. */
    readonly about: {
      readonly image: string
      readonly policy: readonly string[]
      readonly cpu: string
      readonly lsm: string
      readonly notes: readonly string[]
      readonly neverStarted?: string
    }
    readonly probes: number
    readonly verdicts: Readonly<Partial<Record<Asset, Readonly<Partial<Record<Verdict, number>>>>>>
    readonly breaches: readonly {
      readonly probe: string
      readonly title: string
      readonly severity: Severity
      readonly reason: string
    }[]
  }
}

/**
 * What an exam of one of our engines came to, as a statement that can be signed. Pure.
 *
 * @throws GloveboxError CERTIFICATE_FOREIGN for another sandbox, which has no image or policy to be bound to
 */
export function makeCertificate(
  result: ExamResult,
  { subject, findings, neverStarted }: SubjectResult,
): Certificate {
  const { engine, image, policy, tools, notes } = subject
  if (engine === undefined || image === undefined || policy === undefined) throw foreign(subject.name)
  const { kernel, machine, distribution, uid, cpu, lsm } = result.host
  return {
    _type: STATEMENT_TYPE,
    subject: [
      { name: image.ref, digest: { sha256: hexOf(image.digest) } },
      { name: 'policy', digest: { sha256: hexOf(policy.digest) } },
    ],
    predicateType: PREDICATE_TYPE,
    predicate: {
      ...{ exam: result.id, startedAt: result.startedAt, endedAt: result.endedAt },
      combination: {
        ...{ glovebox: result.glovebox, kernel, machine, distribution, asRoot: uid === 0, engine, tools },
        ...{ image: image.digest, policy: policy.digest },
        catalogue: catalogueDigest(findings.map(({ probe }) => probe)),
      },
      about: {
        ...{ image: image.ref, policy: policy.says, cpu, lsm, notes },
        ...(neverStarted === undefined ? {} : { neverStarted }),
      },
      probes: findings.length,
      verdicts: verdictsOf(findings),
      breaches: breachesOf({ findings }).map(({ probe, title, severity, reason }) => ({
        ...{ probe, title, severity, reason },
      })),
    },
  }
}

/** As files hold it: what a signature is over. */
export const certificateText = (certificate: Certificate): string =>
  `${JSON.stringify(certificate, null, 2)}\n`

/** sha256 over the ids of probes in order, a line each. An exam of less than the whole catalogue has another one. */
export function catalogueDigest(ids: readonly string[]): string {
  const lines = [...new Set(ids)].sort().map((id) => `${id}\n`)
  return `sha256:${createHash('sha256').update(lines.join('')).digest('hex')}`
}

const hexOf = (digest: string): string => digest.replace(/^sha256:/, '')

function verdictsOf(findings: readonly Finding[]): Certificate['predicate']['verdicts'] {
  const counts: Partial<Record<Asset, Partial<Record<Verdict, number>>>> = {}
  for (const asset of ASSETS) {
    const group = findings.filter((finding) => finding.asset === asset)
    if (group.length > 0) counts[asset] = countVerdicts(group)
  }
  return counts
}

function foreign(name: string): GloveboxError {
  return new GloveboxError({
    code: 'CERTIFICATE_FOREIGN',
    audience: 'usage',
    message: `Cannot make a certificate for ${JSON.stringify(name)}: it is not one of Glovebox's engines, so it has no image and policy to be bound to.`,
    remedy: 'Examine an engine, as in: glovebox exam --engine container --certificate FILE',
  })
}
