import { writeFileSync } from 'node:fs'
import { makeCertificate } from '../exam/certificate.ts'
import { signCertificate } from '../exam/certificate-sign.ts'
import { keepCertificate, writeCertificate } from '../exam/certificate-store.ts'
import { exitCodeOf } from '../exam/outcome.ts'
import { judgeSelfTest } from '../exam/self-test.ts'
import { printable } from '../policy/quote.ts'
import { junitReport } from '../report/junit.ts'
import { markdownReport } from '../report/markdown.ts'
import { htmlReport } from '../report/page.ts'
import { sarifReport } from '../report/sarif.ts'
import { terminalReport } from '../report/terminal.ts'
import type { ExamResult, Probe } from '../sdk.ts'
import { printJson, printLine } from './print.ts'
import { textStyle } from './text-style.ts'
import { usageError } from './usage-error.ts'

interface Asked {
  readonly json: boolean
  readonly 'self-test': boolean
  readonly strict: boolean
  readonly junit: string | undefined
  readonly sarif: string | undefined
  readonly html: string | undefined
  readonly markdown: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
}

/** Refuses what cannot be written before minutes are spent on it. */
export function checkAsked(options: Asked, subjects: number): void {
  if (options.certificate !== undefined && subjects !== 1)
    throw usageError(
      'CERTIFICATE_OF_MANY',
      'Cannot write one certificate: it is of one engine, and several, or another sandbox, were named.',
      'Name one --engine with --certificate. Without it, each engine’s certificate is kept for --require-verified.',
    )
  if (options.key !== undefined && options['self-test'])
    throw usageError('EXAM_CONFLICT', 'Cannot sign a self-test: it is of no engine.', 'Leave --key away.')
}

/**
 * Prints and writes what was asked for, keeps and signs certificates, and returns the exit code.
 *
 * @param certificates the folder in which `run --require-verified` looks
 */
export async function writeReports(
  result: ExamResult,
  probes: readonly Probe[],
  options: Asked,
  certificates: string,
): Promise<number> {
  if (options.json) printJson(result)
  else printLine(terminalReport(result, textStyle()))
  writeOptional(options.junit, () => junitReport(result))
  writeOptional(options.sarif, () => sarifReport(result, probes))
  writeOptional(options.markdown, () => markdownReport(result))
  writeOptional(options.html, () => htmlReport(result, probes))
  await writeCertificates(result, options, certificates)
  return options['self-test'] ? reportSelfTest(result, options.json) : exitCodeOf(result, options)
}

function writeOptional(path: string | undefined, make: () => string): void {
  if (path !== undefined) writeFileSync(path, make())
}

async function writeCertificates(
  result: ExamResult,
  { certificate, key }: Asked,
  folder: string,
): Promise<void> {
  for (const subject of result.subjects.filter(({ subject: { image } }) => image !== undefined)) {
    const made = makeCertificate(result, subject)
    const kept = keepCertificate(folder, made)
    if (key !== undefined) await signCertificate(kept, key)
    if (certificate === undefined) continue
    writeCertificate(certificate, made)
    if (key !== undefined) await signCertificate(certificate, key)
  }
}

function reportSelfTest(result: ExamResult, silent: boolean): 0 | 1 {
  const faults = judgeSelfTest(result)
  if (silent) return faults.length === 0 ? 0 : 1
  printLine('')
  for (const { subject, finding, wanted } of faults)
    printLine(
      `${finding.probe} says ${finding.verdict} of ${subject}, not ${wanted}: ${printable(finding.reason)}`,
    )
  printLine(
    faults.length === 0
      ? 'The exam is sound: what is open was found, and nothing was said of a sandbox that never started.'
      : `The exam is not sound here: ${faults.length} verdicts are not what they must be.`,
  )
  return faults.length === 0 ? 0 : 1
}
