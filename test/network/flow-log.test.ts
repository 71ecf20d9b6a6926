import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFlowLine } from '../../src/network/flow-log.ts'

const LINE = {
  ...{ at: 1.5, flow: 'end', verdict: 'allowed', protocol: 'tcp', from: '192.0.0.2', fromPort: 4000 },
  ...{ to: '2606::1', toPort: 443, name: 'a.example', id: 7, start: 1.1, end: 1.4 },
  ...{ sentBytes: 1, sentPackets: 2, receivedBytes: 3, receivedPackets: 4 },
}
const read = (changed: object): unknown => readFlowLine(JSON.stringify({ ...LINE, ...changed }))

test('a line is read as it was meant', () => {
  assert.deepEqual(read({}), {
    ...{ kind: 'flow', atSeconds: 1.5, stage: 'end', verdict: 'allowed', protocol: 'tcp' },
    ...{ from: '192.0.0.2', fromPort: 4000, to: '2606::1', toPort: 443, name: 'a.example', id: 7 },
    ...{ startSeconds: 1.1, endSeconds: 1.4, sentBytes: 1, sentPackets: 2 },
    ...{ receivedBytes: 3, receivedPackets: 4 },
  })
  const lost = (what: string): unknown => readFlowLine(`{"at":1,"event":"lost","${what}":7}`)
  for (const what of ['lines', 'events', 'names', 'refused'])
    assert.deepEqual(lost(what), { kind: 'lost', atSeconds: 1, what, count: 7 })
  assert.deepEqual(readFlowLine('{"at":1,"event":"half","number":2,"gone":3}'), {
    ...{ kind: 'half', atSeconds: 1, number: 2, goneLines: 3 },
  })
})

test('what the log would not write is no line', () => {
  const bad = [
    { verdict: 'refused' },
    { flow: 'begin' },
    { at: '1' },
    { at: 1e300 },
    { name: 'a\u001b[31m' },
    { name: 'a"b' },
    { name: '' },
    { why: 'a\nb' },
    { why: '\u009b' },
    { protocol: 'tcp ' },
    { to: 'example.org' },
    { toPort: 65_536 },
    { fromPort: -1 },
    { sentBytes: 1.5 },
    { id: null },
    { start: 'x' },
  ]
  for (const changed of bad) assert.equal(read(changed), undefined, JSON.stringify(changed))
  for (const text of [
    '',
    '[]',
    'null',
    '1',
    '{"at":1}',
    '{"at":1,"event":"lost"}',
    '{"at":1,"event":"x"}',
    'x'.repeat(6000),
  ])
    assert.equal(readFlowLine(text), undefined, text.slice(0, 80))
})

test('a spoiled line is none, or one of plain words', () => {
  let state = 1
  const below = (most: number): number => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
    return state % most
  }
  let known = 0
  for (let i = 0; i < 20_000; i++) {
    const bytes = Buffer.from(JSON.stringify(LINE))
    for (let count = below(3); count >= 0; count--) bytes[below(bytes.length)] = below(256)
    const line = readFlowLine(bytes.toString('latin1'))
    if (line === undefined) continue
    known++
    assert.match(JSON.stringify(line), /^[ -~]*$/)
  }
  assert.ok(known > 100 && known < 20_000, String(known))
})
