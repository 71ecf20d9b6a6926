import { bySeverity } from '../exam/outcome.ts'
import type { ExamResult, Finding, SubjectResult } from '../exam/result-types.ts'
import { printable } from '../policy/quote.ts'
import { attemptsInWords, commandLine, controlsInWords, type ProbeWords } from './words.ts'

/** Static Analysis Results Interchange Format 2.1.0, OASIS Standard, 27 March 2020. */
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json'

/**
 * SARIF 2.1.0: a run for each subject, whose rules are the probes. Breaches are results of level `error`; what nobody can say is a
 * `note`. What held is no result: readers such as GitHub's code scanning make an alert of each. Pure.
 */
export function sarifReport(result: ExamResult, probes: readonly ProbeWords[]): string {
  const words = new Map(probes.map((probe) => [probe.id, probe]))
  const runs = result.subjects.map((subject) => run(result, subject, words))
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs }, null, 2)}\n`
}

function run(result: ExamResult, subject: SubjectResult, words: ReadonlyMap<string, ProbeWords>) {
  const { findings, neverStarted } = subject
  const { kind, name, tools, notes, engine, image, policy } = subject.subject
  const rules = findings.map((finding) => rule(finding, words.get(finding.probe)))
  const shown = findings.flatMap((finding, index) => {
    const level = LEVELS[finding.verdict]
    return level === undefined ? [] : [{ finding, index, level }]
  })
  shown.sort(
    (a, b) => Number(b.level === 'error') - Number(a.level === 'error') || bySeverity(a.finding, b.finding),
  )
  return {
    tool: { driver: { name: 'Glovebox exam', semanticVersion: result.glovebox, rules } },
    // A run is told from those of other subjects by its category: what stands in front of the last slash (3.17.2).
    automationDetails: { id: `glovebox-exam/${printable(name).replaceAll('/', '-')}/${result.id}` },
    invocations: [
      {
        commandLine: commandLine(subject.subject),
        startTimeUtc: result.startedAt,
        endTimeUtc: result.endedAt,
        executionSuccessful: neverStarted === undefined,
        ...(neverStarted === undefined
          ? {}
          : { toolExecutionNotifications: [{ level: 'error', message: text(neverStarted) }] }),
      },
    ],
    results: shown.map(({ finding, index, level }) => ({
      ruleId: finding.probe,
      ruleIndex: index,
      level,
      message: text(messageOf(finding)),
      locations: [
        {
          logicalLocations: [
            {
              name: printable(name),
              fullyQualifiedName: `${printable(name)}/${finding.asset}`,
              kind: 'resource',
            },
          ],
        },
      ],
      partialFingerprints: { 'gloveboxExam/v1': `${printable(name)}/${finding.probe}` },
      properties: {
        ...{ verdict: finding.verdict, attempts: attemptsInWords(finding) },
        controls: controlsInWords(finding.controls).map(([control, said]) => `${control}: ${said}`),
      },
    })),
    properties: { host: result.host, kind, tools, notes, engine, image, policy },
  }
}

const LEVELS: Readonly<Partial<Record<Finding['verdict'], 'error' | 'note'>>> = {
  breach: 'error',
  error: 'note',
  inconclusive: 'note',
}

function messageOf({ verdict, title, reason }: Finding): string {
  if (verdict === 'breach') return `The sandbox let it ${title}: ${reason}`
  return `${verdict === 'error' ? 'The exam failed at it' : 'Nobody can say'} (${title}): ${reason}`
}

const text = (words: string) => ({ text: printable(words) })

function rule(finding: Finding, words: ProbeWords | undefined) {
  const { probe, title, severity, attacker, asset, number } = finding
  return {
    id: probe,
    name: probe.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: text(title),
    ...(words === undefined
      ? {}
      : {
          fullDescription: text(words.tries),
          help: text(`${words.tries} To close it: ${words.closing} What that costs: ${words.price}`),
        }),
    defaultConfiguration: { level: 'error' },
    properties: { severity, attacker, asset, number, tags: ['security', asset, ...(words?.standsFor ?? [])] },
  }
}
