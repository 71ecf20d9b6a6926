import assert from 'node:assert/strict'
import { test } from 'node:test'
import { movedRanges, refusedText } from '../../src/network/refused.ts'
import { SPECIAL4, SPECIAL6 } from '../../src/policy/special-ranges.ts'

const FACTS = {
  families: [4, 6],
  hostAddresses: ['192.168.7.2', '2a00:1450:7::2'],
  lanRanges: ['192.168.7.0/24', '2a00:1450:7::/64'],
  segments: ['192.168.7.0/24', '2a00:1450:7::/64'],
} as const

test("what is refused at the start is a line each: what is nobody's, and what is the machine's", () => {
  const text = refusedText(FACTS)
  assert.ok(text.endsWith('\n'))
  const lines = new Set(text.split('\n'))
  const nobodys = [...Object.keys({ ...SPECIAL4, ...SPECIAL6 }), '8000::/1']
  for (const one of [...nobodys, ...FACTS.hostAddresses, ...FACTS.lanRanges]) assert.ok(lines.has(one), one)
})

test('what came since is what was added whole', () => {
  const text = refusedText(FACTS)
  assert.deepEqual(movedRanges(text, FACTS), [])
  assert.deepEqual(movedRanges(`${text}45.33.32.156/32\n2600:3c01::/64\n45.7`, FACTS), [
    '45.33.32.156/32',
    '2600:3c01::/64',
  ])
})

test('a line that is no range is none', () => {
  const wrong = ['', '45.33.32.156', '45.33.32.156/33', '2600::/129', '45.33.32.156/1/2', 'x/8', '1.2.3.4/-1']
  assert.deepEqual(movedRanges(`${wrong.join('\n')}\n`, FACTS), [])
})
