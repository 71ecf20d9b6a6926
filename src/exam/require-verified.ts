import { dryRun } from '../box/boxes.ts'
import type { BoxContext } from '../box/context.ts'
import { VERSION } from '../host/build-info.ts'
import type { BoxRequest, Plan } from '../plan/types.ts'
import { CATALOGUE } from './catalogue/index.ts'
import { type Certificate, type Combination, catalogueDigest } from './certificate.ts'
import { signaturePath, verifySignature } from './certificate-sign.ts'
import { keptCertificates } from './certificate-store.ts'
import { examFolders } from './folders.ts'
import { hostRecord, policyDigest, toolsOf } from './record.ts'
import { checkVerified, notVerified, type VerifiedAsk } from './verified.ts'

/** What certificates are compared with: the box of this plan, on this machine, now. */
export function combinationOf(plan: Plan): Combination {
  const { kernel, machine, distribution, uid } = hostRecord()
  return {
    ...{ glovebox: VERSION, kernel, machine, distribution, asRoot: uid === 0, engine: plan.engine },
    ...{ tools: toolsOf(plan), image: plan.image.digest, policy: policyDigest(plan) },
    catalogue: catalogueDigest(CATALOGUE.map(({ id }) => id)),
  }
}

/**
 * The certificate that a box may be started on. With `signers`, one that is signed by one of them; without, what lies in the
 * user's own folder is believed.
 *
 * @param folder where certificates are kept (examFolders(state).certificates)
 * @throws GloveboxError EXAM_NOT_VERIFIED
 */
export async function requireVerified(
  folder: string,
  ask: VerifiedAsk,
  signers?: string,
): Promise<Certificate> {
  const kept = keptCertificates(folder)
  const covering = checkVerified(
    kept.map(({ certificate }) => certificate),
    ask,
  )
  if (signers === undefined) return covering[0]
  let why = ''
  for (const certificate of covering) {
    const found = kept.find((one) => one.certificate === certificate)
    if (found === undefined) continue
    const answer = await verifySignature(found.text, signaturePath(found.path), signers)
    if (typeof answer === 'string') return certificate
    why ||= answer.why
  }
  throw notVerified(`no exam that covers it is signed by anybody in ${signers}: ${why}`, {
    ...ask,
    command: `${ask.command} --key KEY`,
  })
}

export interface RequireOptions {
  readonly maxAgeMs: number
  /** Allowed signers (ssh-keygen(1)), one of whom must have signed. */
  readonly signers?: string
  /** The options of `glovebox exam` that examine this box, for the error's remedy. */
  readonly examOptions?: readonly string[]
}

/** See `Exams.requireVerified` of the SDK. What was verified is what starts: the image is named by its digest from then on. */
export async function requireVerifiedBox(
  context: BoxContext,
  request: BoxRequest,
  { maxAgeMs, signers, examOptions = [] }: RequireOptions,
): Promise<BoxRequest> {
  const { plan } = await dryRun(context, request)
  const combination = combinationOf(plan)
  const words = ['glovebox', 'exam', '--engine', plan.engine, '--image', plan.image.ref, ...examOptions]
  const ask = { combination, maxAgeMs, now: new Date(), command: words.join(' ') }
  await requireVerified(examFolders(context.paths.state).certificates, ask, signers)
  return { ...request, image: plan.image.digest }
}
