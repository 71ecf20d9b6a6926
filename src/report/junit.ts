import { outcomeOf } from '../exam/outcome.ts'
import type { ExamResult, Finding, SubjectResult } from '../exam/result-types.ts'
import { headline } from './terminal.ts'
import { attemptsInWords, commandLine, controlsInWords } from './words.ts'
import { type Attributes, element, escapeMarkup } from './xml.ts'

/**
 * JUnit XML as CI servers read it: a suite for each subject and a test case for each probe. A breach is a failure; what the exam
 * failed at is an error; what is inconclusive, moot or not applicable is skipped, with its reason. As a suite of skipped cases
 * looks green, each begins with a case that fails where nobody can say anything. Pure.
 */
export function junitReport(result: ExamResult): string {
  const all = result.subjects.map(casesOf)
  const suites = result.subjects.map((subject, at) => suite(result, subject, all[at] ?? []))
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'glovebox exam', ...totals(all.flat()) }, suites)}\n`
}

interface Case {
  readonly kind: 'passed' | 'failures' | 'errors' | 'skipped'
  readonly milliseconds: number
  readonly markup: string
}

function totals(cases: readonly Case[]): Attributes {
  const of = (kind: Case['kind']) => cases.filter((one) => one.kind === kind).length
  return { tests: cases.length, failures: of('failures'), errors: of('errors'), skipped: of('skipped') }
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3)

function suite(result: ExamResult, subject: SubjectResult, cases: readonly Case[]): string {
  const { tools, image, policy } = subject.subject
  const { kernel, machine, distribution } = result.host
  const properties: Attributes = {
    ...{ exam: result.id, glovebox: result.glovebox, command: commandLine(subject.subject) },
    ...{ kernel, machine, distribution, tools: tools.join(', ') },
    ...(image === undefined ? {} : { image: image.digest }),
    ...(policy === undefined ? {} : { policy: policy.digest }),
  }
  const attributes = {
    ...{ name: subject.subject.name, ...totals(cases), time: seconds(subject.milliseconds) },
    timestamp: result.startedAt.replace(/(\.\d+)?Z$/, ''),
  }
  const listed = Object.entries(properties).map(([name, value]) => element('property', { name, value }))
  return element('testsuite', attributes, [
    element('properties', {}, listed),
    ...cases.map(({ markup }) => markup),
  ])
}

function casesOf(subject: SubjectResult): Case[] {
  const { name } = subject.subject
  return [sayingCase(subject), ...subject.findings.map((finding) => probeCase(name, finding))]
}

function sayingCase(subject: SubjectResult): Case {
  const silent = outcomeOf(subject) === 'unknown'
  const attributes = { name: 'the exam can say something', classname: subject.subject.name, time: seconds(0) }
  const content = silent ? [element('error', { type: 'inconclusive', message: headline(subject) })] : []
  return {
    kind: silent ? 'errors' : 'passed',
    milliseconds: 0,
    markup: element('testcase', attributes, content),
  }
}

function probeCase(subject: string, finding: Finding): Case {
  const { title, asset, milliseconds, probe } = finding
  const [kind, content] = outcomeElement(finding)
  const attributes = {
    ...{ name: `${probe}: ${title}`, classname: `${subject}.${asset}`, time: seconds(milliseconds) },
  }
  return { kind, milliseconds, markup: element('testcase', attributes, [content]) }
}

function outcomeElement(finding: Finding): readonly [Case['kind'], string] {
  const { verdict, reason, severity } = finding
  const text = [escapeMarkup(details(finding))]
  switch (verdict) {
    case 'breach':
      return ['failures', element('failure', { type: severity, message: reason }, text)]
    case 'error':
      return ['errors', element('error', { type: 'error', message: reason }, text)]
    case 'inconclusive':
    case 'moot':
    case 'not applicable':
      return ['skipped', element('skipped', { message: `${verdict}: ${reason}` })]
    case 'granted':
      return ['passed', element('system-out', {}, [escapeMarkup(`granted: ${reason}`)])]
    case 'held':
      return ['passed', '']
  }
}

function details(finding: Finding): string {
  const controls = controlsInWords(finding.controls).map(([name, words]) => `${name}: ${words}`)
  return [finding.reason, attemptsInWords(finding), `attacker: ${finding.attacker}`, ...controls].join('\n')
}
