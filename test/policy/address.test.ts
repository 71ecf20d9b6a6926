import assert from 'node:assert/strict'
import { BlockList, isIP } from 'node:net'
import { test } from 'node:test'
import { formatAddress, formatRange, holds, parseAddress, parseRange } from '../../src/policy/address.ts'
import { specialRange } from '../../src/policy/special-ranges.ts'
import { anyAddress, anyRange, pick } from './any-network.ts'
import { randomNumbers } from './random.ts'

/* Node's own parser, which is inet_pton(3), is the oracle. */

const FAMILIES = [4, 6] as const
const nameOf = { 4: 'ipv4', 6: 'ipv6' } as const

test('every address is read back from its text, which is the one of RFC 5952', () => {
  const random = randomNumbers(11)
  for (let round = 0; round < 5000; round++)
    for (const family of FAMILIES) {
      const address = anyAddress(random, family)
      const text = formatAddress(family, address)
      assert.equal(isIP(text), family, text)
      assert.deepEqual(parseAddress(text), { family, address })
      // URL writes hosts as RFC 5952 says, without the dotted form.
      if (family === 6) assert.equal(new URL(`http://[${text}]/`).hostname, `[${text}]`)
    }
})

const LONGER: readonly [text: string, shortest: string][] = [
  ['2001:DB8:0:0:0:0:2:1', '2001:db8::2:1'],
  ['2001:db8::0001', '2001:db8::1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['1:0:0:0:0:0:0:0', '1::'],
  ['::1.2.3.4', '::102:304'],
  ['::ffff:255.255.255.255', '::ffff:ffff:ffff'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
]
for (const [text, shortest] of LONGER)
  test(`${text} is ${shortest}`, () => {
    const { family = 4, address = 0n } = parseAddress(text) ?? {}
    assert.equal(formatAddress(family, address), shortest)
  })

test('what inet_pton(3) takes is taken, and nothing else', () => {
  const random = randomNumbers(12)
  const pieces = [
    '0',
    '1',
    '00',
    '255',
    '256',
    'ffff',
    'F',
    '12345',
    '.',
    '.',
    ':',
    ':',
    '::',
    '%',
    ' ',
    '-',
    'x',
    '٣',
  ] as const
  const seen = { 0: 0, 4: 0, 6: 0 }
  const check = (text: string): void => {
    const expected = isIP(text) as 0 | 4 | 6
    seen[expected]++
    assert.equal(parseAddress(text)?.family ?? 0, text.includes('%') ? 0 : expected, JSON.stringify(text))
  }
  for (let round = 0; round < 30_000; round++) {
    check(Array.from({ length: 1 + Math.floor(random() * 12) }, () => pick(random, pieces)).join(''))
    // One character away from an address.
    const family = pick<4 | 6>(random, [4, 6])
    const text = formatAddress(family, anyAddress(random, family))
    const at = Math.floor(random() * (text.length + 1))
    check(text.slice(0, at) + pick(random, pieces) + text.slice(at + (random() < 0.5 ? 1 : 0)))
  }
  // It looked at more than nothing.
  assert.ok(Math.min(...Object.values(seen)) > 500, JSON.stringify(seen))
})

test('an address lies in the ranges that Node says it lies in', () => {
  const random = randomNumbers(13)
  let inside = 0
  for (let round = 0; round < 3000; round++) {
    const range = parseRange(anyRange(random))
    assert.ok(range !== undefined)
    const { family, bits } = range
    const width = family === 4 ? 32 : 128
    // Half of them begin as the range does.
    const any = anyAddress(random, family)
    const rest = BigInt(width - bits)
    const address = random() < 0.5 ? any : range.address | (any & ((1n << rest) - 1n))
    const oracle = new BlockList()
    oracle.addSubnet(formatAddress(family, range.address), bits, nameOf[family])
    const expected = oracle.check(formatAddress(family, address), nameOf[family])
    if (expected) inside++
    assert.equal(holds(range, { family, address, bits: width }), expected, formatRange(range))
  }
  assert.ok(inside > 1000 && inside < 3000, String(inside))
})

test('a range is read back from its text, and says whether bits behind the prefix are set', () => {
  const random = randomNumbers(14)
  for (let round = 0; round < 3000; round++) {
    const text = anyRange(random)
    const range = parseRange(text)
    assert.ok(range?.exact, text)
    assert.equal(formatRange(range), text)
  }
  assert.equal(parseRange('10.0.0.1/8')?.exact, false)
  assert.equal(parseRange('2001:db8::1/64')?.exact, false)
  for (const wrong of [
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0.0/+8',
    '/8',
    '',
    '10.0.0.0/8 ',
    'fe80::1%eth0/64',
  ])
    assert.equal(parseRange(wrong), undefined, wrong)
})

const SPECIAL: readonly [range: string, said: RegExp | undefined][] = [
  ['8.8.8.8', undefined],
  ['2606:2800::/32', undefined],
  ['127.0.0.1', /loopback/],
  ['10.1.2.3', /private \(10\.0\.0\.0\/8\)/],
  ['172.31.255.255', /private/],
  ['172.32.0.0', undefined],
  ['100.64.0.0/10', /CGNAT/],
  ['169.254.169.254', /metadata/],
  ['224.0.0.251', /multicast/],
  ['255.255.255.255', /broadcast/],
  ['::1', /not of the internet/],
  ['::ffff:8.8.8.8', /not of the internet/],
  ['64:ff9b::808:808', /not of the internet/],
  ['fd00::/8', /not of the internet/],
  ['fe80::1', /not of the internet/],
  ['ff02::fb', /not of the internet/],
  ['2002:a00:1::', /6to4/],
  ['2001::1', /protocol/],
  ['2001:db8::1', /documentation/],
]
for (const [text, said] of SPECIAL)
  test(`${text} is ${said === undefined ? 'of the internet' : 'none of it'}`, () => {
    const range = parseRange(text)
    assert.ok(range !== undefined)
    const words = specialRange(range)
    if (said === undefined) assert.equal(words, undefined)
    else assert.match(words ?? '', said)
  })
