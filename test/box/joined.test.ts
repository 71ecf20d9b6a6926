import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkJoin } from '../../src/box/joined.ts'
import { gateRules } from '../../src/network/ruleset.ts'
import { LINK } from '../../src/plan/link.ts'
import { CLOSED } from '../../src/policy/network-types.ts'
import { GloveboxError } from '../../src/sdk.ts'

const facts = { families: [4, 6], hostAddresses: ['192.168.7.2'], lanRanges: [], segments: [] } as const

test('a machine without tun is told so, and starts no box that would join a network', () => {
  assert.throws(
    () => checkJoin('team', () => false),
    (error) => error instanceof GloveboxError && error.code === 'TUN_MISSING' && /tun/.test(error.message),
  )
  checkJoin('team', () => true)
  checkJoin(undefined, () => false)
})

test('the rules of a box that joins no network know nothing of one', () => {
  assert.doesNotMatch(gateRules(CLOSED, facts), /join0|peers/)
})

test('nothing that comes from a network of boxes, or goes there, gets to the rules for everything else', () => {
  const rules = gateRules({ ...CLOSED, internet: true, lan: 'segment', join: 'team' }, facts)
  const chainOf = (name: string): string[] =>
    (
      new RegExp(`chain ${name} \\{\\n([^}]*)\\}\\n`).exec(rules.replaceAll(/\{ [^}\n]* \}/g, 'SET'))?.[1] ??
      ''
    )
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
  const { interface: name } = LINK.joined
  assert.deepEqual(chainOf('forward').slice(1, 3), [
    `iifname "${name}" goto from_peers`,
    `oifname "${name}" goto to_peers`,
  ])
  assert.equal(chainOf('input')[1], `iifname "${name}" drop`)
  assert.equal(chainOf('from_peers')[0], `oifname != "${LINK.gate.interface}" drop`)
  assert.equal(chainOf('to_peers')[0], `iifname != "${LINK.gate.interface}" drop`)
  assert.equal(chainOf('from_peers').at(-1), 'drop')
  assert.equal(chainOf('to_peers').at(-1), 'goto refuse')
})
