import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { type ClassTable, classesOf, LAN_CLASS } from '../../src/network/classes.ts'
import { formatTarget, parseRule } from '../../src/policy/network-rule.ts'
import type { NetworkRule } from '../../src/policy/network-types.ts'
import { anyRule } from '../policy/any-network.ts'
import { randomNumbers } from '../policy/random.ts'

const rules = (...texts: string[]): NetworkRule[] => texts.map((text) => parseRule(text))
const numbers = (all: readonly NetworkRule[], before: ClassTable = []): (readonly [number, string])[] =>
  classesOf(all, before).classes.flatMap(({ number, ranges, names }) =>
    [...ranges, ...names].map((place) => [number, place] as const),
  )

test('rules of the same services are one class, and a rule with a rate is its own', () => {
  assert.deepEqual(
    numbers(
      rules(
        'a.example tcp:443',
        '8.8.8.8 tcp:443',
        'b.example',
        'c.example tcp:443 1M/s',
        'd.example tcp:443 1M/s',
      ),
    ),
    [
      [0, '8.8.8.8'],
      [0, 'a.example'],
      [1, 'b.example'],
      [2, 'c.example'],
      [3, 'd.example'],
    ],
  )
})

/** The number of the class that a rule is in. */
function numberOf(classes: ReturnType<typeof classesOf>['classes'], rule: NetworkRule): number {
  const place = formatTarget(rule.target)
  const own = classes.filter(
    ({ services, bytesPerSecond, ranges, names }) =>
      isDeepStrictEqual([services, bytesPerSecond], [rule.services, rule.bytesPerSecond]) &&
      [...ranges, ...names].includes(place),
  )
  assert.equal(own.length, 1)
  return own[0]?.number ?? -1
}

test('a class keeps its number as long as it is there, whatever comes and goes', () => {
  const random = randomNumbers(71)
  let all: NetworkRule[] = []
  let last = classesOf(all)
  for (let round = 0; round < 500; round++) {
    const kept = all.filter(() => random() < 0.8)
    all = [...kept, ...Array.from({ length: Math.floor(random() * 4) }, () => anyRule(random))].slice(0, 40)
    const next = classesOf(all, last.table)
    assert.equal(new Set(next.classes.map(({ number }) => number)).size, next.classes.length)
    assert.ok(next.classes.every(({ number }) => number < LAN_CLASS))
    for (const rule of all) numberOf(next.classes, rule)
    for (const rule of kept) assert.equal(numberOf(next.classes, rule), numberOf(last.classes, rule))
    last = next
  }
})

test('63 classes are the most, and one more is refused before anything is changed', () => {
  const many = (count: number): NetworkRule[] =>
    Array.from({ length: count }, (_, at) => parseRule(`a.example tcp:${at + 1}`))
  assert.equal(classesOf(many(63)).classes.length, 63)
  assert.throws(() => classesOf(many(64)), {
    code: 'NETWORK_TOO_MANY_CLASSES',
    message: /64 different .+ more than 63/,
  })
  // What is gone makes room, also in a table that is full.
  const { table } = classesOf(many(63))
  const other = classesOf(many(64).slice(1), table)
  assert.deepEqual([other.classes.length, other.table.length], [63, 63])
})
