import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  formatHostService,
  formatPublication,
  parseHostService,
  parsePublication,
} from '../../src/policy/network-ports.ts'
import { anyOpen, pick } from './any-network.ts'
import { randomNumbers } from './random.ts'

test('every service of the machine and every published port is read back from its text', () => {
  const random = randomNumbers(41)
  for (let round = 0; round < 500; round++) {
    const { host, publish } = anyOpen(random)
    for (const one of host) assert.deepEqual(parseHostService(formatHostService(one)), one)
    for (const one of publish) assert.deepEqual(parsePublication(formatPublication(one)), one)
  }
})

const PUBLISHED: readonly [text: string, plain: string][] = [
  ['8080', '8080:8080'],
  ['8080/tcp', '8080:8080'],
  ['8080:80/udp', '8080:80/udp'],
  ['192.0.2.7:8080:80', '192.0.2.7:8080:80'],
  ['192.0.2.7:8080', '192.0.2.7:8080:8080'],
  ['[2001:DB8:0::7]:8080:80/udp', '[2001:db8::7]:8080:80/udp'],
]
for (const [text, plain] of PUBLISHED)
  test(`publishing ${text} is ${plain}`, () => assert.equal(formatPublication(parsePublication(text)), plain))

test('a service of the machine is a port from 1 to 65535, and never its port 53', () => {
  for (const text of [
    '',
    '0',
    '65536',
    '080x',
    '-1',
    '+1',
    ' 631',
    '631 ',
    '631\n',
    '631/',
    '631/icmp',
    '631/tcp/tcp',
    '1-2',
    '٣',
    '1'.repeat(100_000),
    'host',
    '631:80',
  ])
    assert.throws(() => parseHostService(text), /is no service of this machine/, text)
  for (const text of ['53', '53/udp', '0053/tcp'])
    assert.throws(() => parseHostService(text), /port 53/, text)
})

test('what is no port to publish is refused', () => {
  for (const text of [
    '',
    ':',
    '0',
    '65536',
    '80:',
    ':80',
    '80:0',
    '80:80:80',
    '1.2.3:80',
    '1.2.3.4',
    '1.2.3.4:',
    '01.2.3.4:80',
    '[::1]',
    '[::1]:',
    '[]:80',
    '[1.2.3.4',
    '[::1%lo]:80',
    '::1:80',
    'localhost:80',
    '80/icmp',
    '80/udp/udp',
    '80 ',
    '80\n',
    'machine:80',
    '1'.repeat(100_000),
    '[:'.repeat(50_000),
  ])
    assert.throws(() => parsePublication(text), /is no port to publish/, text.slice(0, 50))
})

test('characters of any kind end as a port or as a refusal in words', () => {
  const random = randomNumbers(42)
  const pieces = [
    '1',
    '80',
    ':',
    '/',
    'udp',
    'tcp',
    '[',
    ']',
    '::1',
    '1.2.3.4',
    '.',
    '\u001b',
    ' ',
    'x',
  ] as const
  for (let round = 0; round < 5000; round++) {
    const text = Array.from({ length: 1 + Math.floor(random() * 7) }, () => pick(random, pieces)).join('')
    for (const parse of [parsePublication, parseHostService])
      try {
        parse(text)
      } catch (error) {
        assert.match((error as Error).message, /is no (?:port to publish|service of this machine)/)
        assert.doesNotMatch((error as Error).message, /\p{Cc}/u)
      }
  }
})
