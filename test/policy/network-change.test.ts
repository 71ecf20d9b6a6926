import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { withAllow, withDeny } from '../../src/policy/network-change.ts'
import { parseRule } from '../../src/policy/network-rule.ts'
import { CLOSED, type OpenNetwork } from '../../src/policy/network-types.ts'

const INTERNET: OpenNetwork = { ...CLOSED, internet: true }
const LISTED: OpenNetwork = { ...CLOSED, allow: [parseRule('203.0.112.0/24')] }

function denied(policy: OpenNetwork, rule: string): OpenNetwork {
  const change = withDeny(policy, parseRule(rule))
  assert.ok('policy' in change)
  return change.policy
}

describe('what is allowed of what is denied', () => {
  for (const [name, policy] of Object.entries({ INTERNET, LISTED })) {
    test(`${name}: lifts no denial of more services than it names`, () => {
      for (const [deny, allow] of [
        ['203.0.112.7', '203.0.112.7 tcp:443'],
        ['203.0.112.7 tcp', '203.0.112.7 tcp:443'],
        ['203.0.112.7 tcp:80,443', '203.0.112.7 tcp:443'],
      ] as const) {
        const change = withAllow(denied(policy, deny), parseRule(allow))
        assert.ok(
          'nothing' in change && change.nothing.startsWith(`${deny} is denied`),
          JSON.stringify(change),
        )
      }
    })

    test(`${name}: lifts one that it means whole`, () => {
      for (const [deny, allow] of [
        ['203.0.112.7', '203.0.112.7'],
        ['203.0.112.7 tcp:443', '203.0.112.7 tcp:443'],
        ['203.0.112.7 tcp:443', '203.0.112.7'],
      ] as const) {
        const change = withAllow(denied(policy, deny), parseRule(allow))
        assert.deepEqual('policy' in change && change.policy.deny, [], `${allow} lifts ${deny}`)
      }
    })
  }

  test('where nothing else opens it, only its services are open then', () => {
    for (const target of ['example.org', '203.0.112.7']) {
      const policy = denied({ ...CLOSED, allow: [parseRule(`${target} udp:9`)] }, target)
      const change = withAllow(policy, parseRule(`${target} tcp:443`))
      assert.ok('policy' in change)
      assert.deepEqual(change.policy, { ...CLOSED, allow: [parseRule(`${target} tcp:443`)] })
    }
  })

  test('a name that a wider one opens stays denied', () => {
    const policy = denied({ ...CLOSED, allow: [parseRule('*.example.org')] }, 'a.example.org')
    assert.ok('nothing' in withAllow(policy, parseRule('a.example.org tcp:443')))
    assert.ok('policy' in withAllow(policy, parseRule('a.example.org')))
  })
})
