import type { Controls, ExamResult, Finding, SubjectResult } from '../../src/exam/result-types.ts'
import type { ProbeWords } from '../../src/report/words.ts'

/* Results made by hand, as the exam makes them: what reports are tried with. */

export const PROPER_CONTROLS: Controls = {
  bare: { state: 'reached', evidence: 'the nonce 0a1b2c3d… came out' },
  holed: { state: 'reached', evidence: 'the nonce 0a1b2c3d… came out' },
  negative: { state: 'not reached', evidence: 'nothing came out' },
}

/** Whatever a hostile box could bring into evidence: markup, commands to a terminal, ends of documents, lone surrogates. */
export const HOSTILE = [
  '</td></table><script>alert(1)</script><img src=x onerror="alert(2)">',
  '\u001b]52;c;aGk=\u0007\u001b[2J\u009b31m',
  ']]> <!-- --> &amp; &#0; "quoted" \'single\' `x`',
  '\u0000\u0008\u000b\uffff\ufffe\ud800 \u202egnp.exe',
].join(' ')

export function finding(parts: Partial<Finding> = {}): Finding {
  const verdict = parts.verdict ?? 'held'
  const reached = verdict === 'breach' || verdict === 'granted'
  return {
    ...{ probe: 'files-home-secrets', number: 1, asset: 'files', title: 'read keys in your home folder' },
    ...{ severity: 'host leak', attacker: 'user in the box', verdict },
    reason: reached ? 'read .ssh: the nonce 0a1b2c3d… came out' : 'No such file or directory',
    ...(verdict === 'not applicable' ? {} : { controls: PROPER_CONTROLS }),
    attempts: Array.from({ length: 3 }, () => ({ reached, failed: false, evidence: 'as it was' })),
    milliseconds: 120,
    ...parts,
  }
}

export const BREACHES: readonly Finding[] = [
  finding({
    ...{ probe: 'terminal-tiocsti', number: 56, asset: 'terminal', severity: 'escape', verdict: 'breach' },
    ...{ title: 'type into your terminal', reason: 'the terminal outside read the nonce 4e5f6a7b…' },
  }),
  finding({
    ...{
      probe: 'desktop-clipboard',
      number: 64,
      asset: 'desktop',
      severity: 'exfiltration',
      verdict: 'breach',
    },
    title: 'read your clipboard',
  }),
]

export const MIXED: readonly Finding[] = [
  finding(),
  finding({ probe: 'files-tmp', number: 2, title: 'read temporary files' }),
  finding({
    probe: 'network-lan',
    number: 77,
    asset: 'network',
    verdict: 'inconclusive',
    reason: 'nft is missing',
  }),
  finding({
    probe: 'network-mdns',
    number: 78,
    asset: 'network',
    verdict: 'inconclusive',
    reason: 'nft is missing',
  }),
  finding({
    probe: 'network-dns',
    number: 86,
    asset: 'network',
    verdict: 'granted',
    title: 'ask any name server',
  }),
  finding({ probe: 'kernel-bpf', number: 27, asset: 'kernel', verdict: 'error', reason: 'it took too long' }),
  finding({
    probe: 'kernel-dmesg',
    number: 42,
    asset: 'kernel',
    verdict: 'moot',
    reason: 'the host hides it',
  }),
  finding({
    probe: 'machine-vsock',
    number: 126,
    asset: 'machine',
    verdict: 'not applicable',
    reason: 'no VM',
  }),
]

export function subject(
  findings: readonly Finding[],
  parts: Partial<SubjectResult['subject']> & { readonly neverStarted?: string } = {},
): SubjectResult {
  const { neverStarted, ...record } = parts
  return {
    subject: {
      ...{ kind: 'engine', name: 'container', engine: 'container', tools: ['crun 1.8.1'], notes: [] },
      argv: ['glovebox', 'run', '--engine', 'container', '--image', 'base', '--', '{}'],
      image: { ref: 'base', digest: `sha256:${'a'.repeat(64)}` },
      policy: { digest: `sha256:${'b'.repeat(64)}`, says: ['The box can reach', '- its own files'] },
      ...record,
    },
    ...(neverStarted === undefined ? {} : { neverStarted }),
    findings,
    milliseconds: 4200,
  }
}

export function foreign(name: string, findings: readonly Finding[], neverStarted?: string): SubjectResult {
  return {
    subject: {
      kind: 'foreign',
      name,
      argv: [name, '--ro-bind', '/', '/', '{}'],
      tools: [`${name} 0.8.0`],
      notes: [],
    },
    ...(neverStarted === undefined ? {} : { neverStarted }),
    findings,
    milliseconds: 1000,
  }
}

export function examResult(subjects: readonly SubjectResult[], parts: Partial<ExamResult> = {}): ExamResult {
  return {
    ...{ version: 1, id: '0123456789ab', glovebox: '0.1.0', only: 'all' },
    ...{ startedAt: '2026-11-28T18:00:00.000Z', endedAt: '2026-11-28T18:01:30.000Z' },
    host: {
      ...{ kernel: '6.18.0', machine: 'x64', distribution: 'Debian GNU/Linux 12 (bookworm)', uid: 1000 },
      ...{ cpu: 'Example CPU', lsm: 'lockdown,capability,yama,apparmor' },
    },
    subjects,
    ...parts,
  }
}

/** Words for every probe of a result. */
export function wordsFor({ subjects }: ExamResult): ProbeWords[] {
  const all = subjects.flatMap(({ findings }) => findings)
  return [...new Map(all.map((one) => [one.probe, one])).values()].map(
    ({ probe, number, asset, title, attacker, severity }) => ({
      ...{ id: probe, number, asset, title, attacker, severity },
      tries: `Tries to ${title}, and must bring a nonce back.`,
      standsFor: ['ATT&CK T1552.004', 'CVE-2024-21626'],
      closing: 'Give the box a root of its own.',
      price: 'It starts without its settings.',
    }),
  )
}
