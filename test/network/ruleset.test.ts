import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { internetRules, type NetworkFacts } from '../../src/network/ruleset.ts'

const FACTS: NetworkFacts = {
  hostAddresses: ['198.41.0.9', '2600:1::9'],
  lanRanges: ['2600:2::/64'],
  upstream: ['169.254.1.1'],
}

/** Where a datagram may go. Nothing asks for neighbours on the link: whatever passes the rules is sent. */
const SEND = `
const { createSocket } = require('node:dgram')
const sent = (to, port) => new Promise((resolve) => {
  const socket = createSocket(to.includes(':') ? 'udp6' : 'udp4')
  socket.send('x', port, to, (error) => { socket.close(); resolve(error ? error.code : 'sent') })
})
const all = JSON.parse(process.argv[1])
Promise.all(all.map(([to, port]) => sent(to, port))).then((is) => console.log(JSON.stringify(is)))`

const WORLD = `set -e
ip link set lo up; ip link add out arp off type veth peer name far; ip link set far up; ip link set out up
ip addr add 198.41.7.2/24 dev out; ip route add default dev out
ip addr add 2600:7::2/64 dev out nodad
ip -6 route add default dev out
if [ -n "$1" ]; then printf %s "$1" | nft -f -; fi
exec "$2" -e "$3" "$4"`

function send(rules: string, to: readonly (readonly [string, number])[]): string[] {
  const words = ['-c', WORLD, 'sh', rules, process.execPath, SEND, JSON.stringify(to)]
  const options = { encoding: 'utf8', timeout: 30_000 } as const
  return JSON.parse(execFileSync('unshare', ['--user', '--map-root-user', '--net', 'sh', ...words], options))
}

const OPEN = [
  ['198.41.0.4', 443],
  ['2600:3::1', 443],
] as const
const CLOSED = [
  ...['10.1.1.1', '172.16.1.1', '192.168.1.1', '100.64.0.1', '169.254.169.254', '198.41.0.9'],
  ...['224.0.0.251', '169.254.1.1', '2600:1::9', '2600:2::5', 'fd00::1', '2002:a00:1::1', '64:ff9b::a00:1'],
].map((to) => [to, 80] as const)
const NAMES = [
  ['198.41.0.4', 53],
  ['2600:3::1', 853],
  ['169.254.1.1', 53],
] as const

test('internet is neither the host, nor its LAN, nor what is private, nor names from elsewhere', () => {
  const all = [...OPEN, ...CLOSED, ...NAMES]
  const is = send(internetRules(FACTS), all)
  assert.deepEqual(
    is,
    all.map((_, i) => (i < OPEN.length ? 'sent' : 'EPERM')),
  )
})

test('control: without the rules each of them is sent', () => {
  const all = [...OPEN, ...CLOSED, ...NAMES]
  assert.deepEqual(
    send('', all),
    all.map(() => 'sent'),
  )
})

test('rules are not made from what is no address, nor without knowing the host', () => {
  assert.throws(() => internetRules({ ...FACTS, hostAddresses: [] }), { code: 'NETWORK_FACTS_INVALID' })
  for (const bad of ['', 'a', '10.0.0.0/33', '::/129', '10.0.0.1 } accept', 'fe80::1%eth0'])
    assert.throws(() => internetRules({ ...FACTS, lanRanges: [bad] }), { code: 'NETWORK_FACTS_INVALID' })
})
