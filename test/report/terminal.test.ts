import assert from 'node:assert/strict'
import { test } from 'node:test'
import { terminalReport } from '../../src/report/terminal.ts'
import { PLAIN } from '../../src/report/wrap.ts'
import { BREACHES, examResult, finding, foreign, HOSTILE, MIXED, subject } from './results.ts'

const lines = (text: string): string[] => text.split('\n')

test('it leads with the worst breach by its name, then a vector per asset, without a percentage', () => {
  const text = terminalReport(examResult([subject([...MIXED, ...BREACHES])]), PLAIN)
  const [first, command, vector] = lines(text)
  assert.equal(first, 'container: BREACH: type into your terminal (escape, and 1 more)')
  assert.equal(command, '  glovebox run --engine container --image base -- {}')
  assert.match(
    vector ?? '',
    /^ {2}files 2 held · kernel 1 error, 1 moot · terminal BREACH\(1\) · desktop BREACH\(1\)/,
  )
  assert.match(text, / network 1 granted, 2 inconclusive/)
  assert.doesNotMatch(text, /%/)
})

test('a breach stands with its evidence, its attempts and its controls', () => {
  const text = terminalReport(examResult([subject(BREACHES)]), PLAIN)
  assert.match(
    text,
    /✗ type into your terminal \(escape, user in the box\)\n {4}the terminal outside read the nonce 4e5f6a7b…; 3 of 3/,
  )
  assert.match(text, /Controls: reached without a sandbox, and with the hole opened; not without a canary/)
  assert.match(text, /glovebox exam explain terminal-tiocsti/)
})

test('what nobody can say is grouped by its reason', () => {
  const text = terminalReport(examResult([subject(MIXED)]), PLAIN)
  assert.match(text, /^container: No breach \(3 of 8 probes could show nothing\)$/m)
  assert.match(text, /Nobody can say\n {2}\? nft is missing\n {4}network-lan, network-mdns\n/)
  assert.match(text, /The exam failed at\n {2}\? it took too long\n {4}kernel-bpf/)
})

test('a sandbox that never started is never called safe', () => {
  const never = foreign('false', [finding({ verdict: 'inconclusive', reason: 'it ended' })], 'it ended')
  const text = terminalReport(examResult([never]), PLAIN)
  assert.match(text, /^false: Nobody can say: it never started: it ended$/m)
  assert.doesNotMatch(text, /No breach/)
})

test('several subjects have a line each on top, and a block each', () => {
  const text = terminalReport(examResult([subject(MIXED), foreign('bwrap', BREACHES)]), PLAIN)
  assert.deepEqual(lines(text).slice(0, 3), [
    'container  No breach (3 of 8 probes could show nothing)',
    'bwrap      BREACH: type into your terminal (escape, and 1 more)',
    '',
  ])
  assert.match(text, /^bwrap: BREACH: /m)
})

test('no line is wider than the terminal, and evidence cannot speak to it', () => {
  const hostile = finding({ verdict: 'breach', reason: HOSTILE, title: HOSTILE, probe: HOSTILE })
  const open = finding({ verdict: 'error', reason: HOSTILE })
  const result = examResult([subject([hostile, open], { name: HOSTILE, argv: [HOSTILE], notes: [HOSTILE] })])
  for (const width of [40, 80, 120])
    for (const line of lines(terminalReport(result, { ...PLAIN, width }))) {
      assert.ok([...line].length <= width, `${width}: ${line}`)
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}]/u)
    }
})

test('colours are those of the style that is given', () => {
  const text = terminalReport(examResult([subject(BREACHES)]), {
    width: 80,
    paint: (one, style) => `<${style}>${one}</${style}>`,
  })
  assert.match(text, /^<red>container: BREACH/)
  assert.match(text, /<red>BREACH\(1\)<\/red>/)
})

test('a name of any length is cut in the overview, and breaks nothing', () => {
  const text = terminalReport(examResult([foreign('x'.repeat(500), MIXED), subject(MIXED)]), {
    ...PLAIN,
    width: 60,
  })
  assert.match(lines(text)[0] ?? '', /^x{23}… {2}No breach/)
})
