import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { junitReport } from '../../src/report/junit.ts'
import { htmlReport } from '../../src/report/page.ts'
import { sarifReport } from '../../src/report/sarif.ts'
import { BREACHES, examResult, finding, foreign, HOSTILE, MIXED, subject, wordsFor } from './results.ts'
import { readXml, type XmlElement } from './xml.ts'

const never = foreign('false', [finding({ verdict: 'inconclusive', reason: 'it ended' })], 'it ended')
const HOSTILE_FINDING = finding({
  verdict: 'breach',
  title: HOSTILE,
  reason: HOSTILE,
  probe: 'hostile',
  number: 999,
})
const hostile = subject([HOSTILE_FINDING, finding({ verdict: 'moot', reason: HOSTILE })], {
  ...{ name: HOSTILE, argv: [HOSTILE], notes: [HOSTILE], tools: [HOSTILE] },
  policy: { digest: `sha256:${'b'.repeat(64)}`, says: [HOSTILE] },
})
const result = examResult([subject(MIXED), foreign('bwrap', BREACHES), never, hostile])

const children = (element: XmlElement | undefined, name: string) =>
  (element?.children ?? []).filter((child) => child.name === name)

test('JUnit: each probe is a case; a breach fails, and what is not shown is skipped with its reason', () => {
  const { root } = readXml(junitReport(result))
  assert.equal(root.name, 'testsuites')
  const [mixed, bwrap] = children(root, 'testsuite')
  assert.deepEqual(
    [
      mixed?.attributes['tests'],
      mixed?.attributes['failures'],
      mixed?.attributes['errors'],
      mixed?.attributes['skipped'],
    ],
    ['9', '0', '1', '4'],
  )
  const skipped = children(mixed, 'testcase').flatMap((one) => children(one, 'skipped'))
  assert.deepEqual(
    skipped.map(({ attributes }) => attributes['message']),
    [
      'inconclusive: nft is missing',
      'inconclusive: nft is missing',
      'moot: the host hides it',
      'not applicable: no VM',
    ],
  )
  const failures = children(bwrap, 'testcase').flatMap((one) => children(one, 'failure'))
  assert.deepEqual(
    failures.map(({ attributes }) => attributes['type']),
    ['escape', 'exfiltration'],
  )
})

test('JUnit: a sandbox that never started is an error, not a row of skipped cases', () => {
  const suite = children(readXml(junitReport(result)).root, 'testsuite')[2]
  assert.equal(suite?.attributes['errors'], '1')
  assert.match(
    children(children(suite, 'testcase')[0], 'error')[0]?.attributes['message'] ?? '',
    /never started/,
  )
})

test('JUnit: it is well-formed whatever evidence holds', () => {
  const { root, text } = readXml(junitReport(result))
  const names = new Set<string>()
  const walk = (element: XmlElement): void => {
    names.add(element.name)
    element.children.forEach(walk)
  }
  walk(root)
  const known = ['testsuites', 'testsuite', 'properties', 'property', 'testcase']
  assert.deepEqual([...names].sort(), [...known, 'failure', 'error', 'skipped', 'system-out'].sort())
  assert.ok(text.includes('<script>alert(1)</script>'), 'the evidence is there as text')
})

/** What of SARIF 2.1.0 is used, with what the standard demands of it. */
const message = z.strictObject({ text: z.string().min(1) })
const sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string().min(1),
          semanticVersion: z.string(),
          rules: z.array(
            z.strictObject({
              ...{ id: z.string().min(1), name: z.string(), shortDescription: message },
              ...{ fullDescription: message, help: message },
              defaultConfiguration: z.strictObject({ level: z.literal('error') }),
              properties: z.looseObject({
                tags: z.array(z.string()).refine((tags) => new Set(tags).size === tags.length),
              }),
            }),
          ),
        }),
      }),
      automationDetails: z.strictObject({ id: z.string() }),
      invocations: z.array(
        z.strictObject({
          ...{ commandLine: z.string(), startTimeUtc: z.iso.datetime(), endTimeUtc: z.iso.datetime() },
          executionSuccessful: z.boolean(),
          toolExecutionNotifications: z
            .array(z.strictObject({ level: z.literal('error'), message }))
            .optional(),
        }),
      ),
      results: z.array(
        z.strictObject({
          ...{
            ruleId: z.string(),
            ruleIndex: z.int().nonnegative(),
            level: z.enum(['error', 'note']),
            message,
          },
          locations: z.array(
            z.strictObject({
              logicalLocations: z.array(
                z.strictObject({ name: z.string(), fullyQualifiedName: z.string(), kind: z.string() }),
              ),
            }),
          ),
          partialFingerprints: z.record(z.string(), z.string()),
          properties: z.looseObject({}),
        }),
      ),
      properties: z.looseObject({}),
    }),
  ),
})

test('SARIF: rules are the probes with help, breaches are errors and what nobody can say is a note', () => {
  const { runs } = sarif.parse(JSON.parse(sarifReport(result, wordsFor(result))))
  assert.equal(runs.length, 4)
  for (const { tool, results } of runs)
    for (const { ruleId, ruleIndex } of results) assert.equal(tool.driver.rules[ruleIndex]?.id, ruleId)
  const [mixed, bwrap] = runs
  assert.equal(mixed?.tool.driver.rules.length, MIXED.length)
  assert.deepEqual(mixed?.results.map(({ ruleId, level }) => `${ruleId} ${level}`).sort(), [
    'kernel-bpf note',
    'network-lan note',
    'network-mdns note',
  ])
  assert.deepEqual(
    bwrap?.results.map(({ ruleId, level }) => `${ruleId} ${level}`),
    ['terminal-tiocsti error', 'desktop-clipboard error'],
  )
  assert.match(mixed?.tool.driver.rules[0]?.help.text ?? '', /To close it: .+ What that costs: /)
})

test('SARIF: a probe that the catalogue has no words for is a rule, too', () => {
  const { runs } = JSON.parse(sarifReport(result, []))
  assert.equal(runs[1].tool.driver.rules[0].id, 'terminal-tiocsti')
})

const page = htmlReport(result, wordsFor(result))

test('the page asks for nothing: no script, no address, and a policy that forbids both', () => {
  assert.match(
    page,
    /http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/,
  )
  assert.doesNotMatch(page, /<(script|link|img|iframe|object|embed|base|form|svg)\b/i)
  for (const [tag] of page.matchAll(/<[a-z][^>]*>/g)) {
    assert.doesNotMatch(tag, /\s(on\w+|src|style|srcset|action)=/i)
    for (const [, target] of tag.matchAll(/href="([^"]*)"/g)) assert.match(target ?? '', /^#[\w-]+$/)
  }
  assert.doesNotMatch(page, /url\(|@import/)
})

test('the page is well-formed, and hostile evidence is text in it', () => {
  const xhtml = page
    .replace('<!doctype html>\n', '')
    .replace(/<(meta|br)([^>]*)>/g, '<$1$2/>')
    .replaceAll(' open>', ' open="">')
  const { root, text } = readXml(xhtml)
  assert.equal(root.name, 'html')
  assert.ok(text.includes('<script>alert(1)</script>'))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
  assert.doesNotMatch(page, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\ufffe\uffff]/)
})

test('the page has a table of assets by subjects, and each probe with how to close it', () => {
  assert.match(page, /<th scope="col">container<\/th>\s*<th scope="col">bwrap<\/th>/)
  assert.match(
    page,
    /<th scope="row"><a href="#terminal">terminal<\/a><\/th><td class="quiet">not asked<\/td>/,
  )
  for (const { probe, number } of [...MIXED, ...BREACHES]) {
    assert.ok(page.includes(`id="probe-${number}"`), probe)
    assert.ok(page.includes(`<code>${probe}</code>`), probe)
  }
  assert.match(page, /<dt>How to close it<\/dt><dd>Give the box a root of its own\.<\/dd>/)
  assert.match(page, /<details id="probe-56" open>/, 'breaches are open')
  assert.match(page, /prefers-color-scheme: dark/)
  assert.match(page, /@media print/)
})
