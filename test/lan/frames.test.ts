import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Frame } from '../../src/lab/frames.ts'
import type { Lab } from '../../src/lab/start.ts'
import { addressesOf, macOnSegment, SITES } from '../../src/lab/topology.ts'
import { LINK } from '../../src/plan/link.ts'
import { LAUNCHER, readyGlovebox } from '../support/base-box.ts'
import { forge, honest, newMark, type Place, sourceMac } from './frames/make.ts'
import { openLab } from './lab.ts'

/* No frame of a box leaves its namespace, whatever the kernel in it is; and nothing on its link tells of this machine. */

const here = join(import.meta.dirname, 'frames')
const SEND = readFileSync(join(here, 'send.pl'), 'utf8')
const NAMES = forge({ routerMac: '00:00:00:00:00:00', mark: '000000' }).map(({ what }) => what)

/** An application on a bridge may be root of its machine. */
const POWERFUL = { powerful: true }

let lab: Lab
before(async () => {
  await readyGlovebox()
  lab = await openLab({ witness: true })
})
after(() => lab?.[Symbol.asyncDispose]())

const atBridge = (): Place => ({ routerMac: macOnSegment(1), mark: newMark(randomUUID()) })
const inBox = (): Place => ({ routerMac: LINK.gate.mac, mark: newMark(randomUUID()) })
const words = (frames: readonly Buffer[]): string[] => frames.map((bytes) => bytes.toString('hex'))
const [bridged4 = '', , bridged6 = ''] = addressesOf('bridged')
const BRIDGED = { mac: macOnSegment(99), address4: bridged4, address6: bridged6 }
const hexOf = (place: Place): string[] => words(forge(place).map(({ bytes }) => bytes))

/** Those of the forged frames that were on the segment, by name. */
const seenOf = (place: Place, frames: readonly Frame[]): string[] =>
  NAMES.filter((_, at) => frames.some(({ from }) => from === sourceMac(place, at)))

/** Everything on the segment until now: a frame of the bridged application's is the last of it. */
async function segmentUntilNow(): Promise<Frame[]> {
  const place = atBridge()
  const last = words(honest(place, { ...BRIDGED, mac: sourceMac(place, 99) }))
  const { code, stderr } = await lab.run('bridged', ['perl', '-e', SEND, 'eth0', ...last], POWERFUL).result
  assert.equal(code, 0, stderr)
  return lab.frames.until(({ from }) => from === sourceMac(place, 99))
}

/** What reached the internet until the honest packets did, of the texts of a place. */
async function textsUntil({ mark }: Place): Promise<string[]> {
  const texts = new Set<string>()
  while (!texts.has('honest four') || !texts.has('honest six'))
    for (const { text } of await lab.arrivals.until((one) => one.text.startsWith(`${mark} honest`)))
      if (text.startsWith(mark)) texts.add(text.slice(mark.length + 1))
  return [...texts].sort()
}

test('the home lives: the victim gets its address by DHCP and answers for its name by mDNS, and the witness sees both', async () => {
  const [address = ''] = addressesOf('victim')
  await lab.arrivals.until(({ node, text }) => node === 'victim' && text === `DHCP gives ${address}`)
  const question = '0000000000010000000000000676696374696d056c6f63616c0000010001'
  const ask = `use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 0);
    send $s, pack('H*', '${question}'), 0, pack_sockaddr_in(5353, inet_aton('224.0.0.251'))`
  const { code, stderr } = await lab.run('bridged', ['perl', '-e', ask]).result
  assert.equal(code, 0, stderr)
  const frames = await lab.frames.until(({ node, kind }) => node === 'victim' && kind === 'mdns')
  for (const [node, kind] of [
    ['victim', 'dhcp'],
    ['router', 'dhcp'],
    ['bridged', 'mdns'],
  ] as const)
    assert.ok(
      frames.some((one) => one.node === node && one.kind === kind),
      `${kind} of ${node}`,
    )
})

test('an application on a bridge gets each of these frames to the segment, and packets with the address of another out', async () => {
  const place = atBridge()
  const frames = [...hexOf(place), ...words(honest(place, BRIDGED))]
  const { code, stderr } = await lab.run('bridged', ['perl', '-e', SEND, 'eth0', ...frames], POWERFUL).result
  assert.equal(code, 0, stderr)
  assert.deepEqual(seenOf(place, await segmentUntilNow()), NAMES)
  assert.deepEqual(await textsUntil(place), ['honest four', 'honest six', 'spoofed four', 'spoofed six'])
})

test('with that it takes the place of the router for its neighbours', async () => {
  const ask = [
    'bash',
    '-c',
    `: < /dev/tcp/${addressesOf('router')[0]}/80; ip neigh show ${addressesOf('router')[0]}`,
  ]
  const before = await lab.run('victim', ask).result
  assert.match(before.stdout, new RegExp(macOnSegment(1)))
  const place = atBridge()
  await lab.run('bridged', ['perl', '-e', SEND, 'eth0', hexOf(place)[0] ?? ''], POWERFUL).result
  const { stdout } = await lab.run('victim', ['ip', 'neigh', 'show', addressesOf('router')[0] ?? '']).result
  assert.match(stdout, new RegExp(sourceMac(place, 0)))
  await lab.run('victim', ['ip', 'neigh', 'flush', 'all'], POWERFUL).result
})

for (const engine of ['uml', 'microvm', 'vm'])
  test(`${engine}: of the frames of a guest whose kernel is an attacker's, none reaches the segment, and no packet with the address of another leaves`, async () => {
    const place = inBox()
    lab.frames.take()
    const frames = [...hexOf(place), ...words(honest(place, LINK.box))]
    const argv = [process.execPath, join(here, 'attacker.ts'), engine, ...frames]
    const { stdout, stderr } = await lab.run('host', argv).result
    assert.equal(stdout, `${frames.length} sent, errno 0\n`, stderr)
    assert.deepEqual(await textsUntil(place), ['honest four', 'honest six'])
    const seen = await segmentUntilNow()
    assert.deepEqual(seenOf(place, seen), [])
    assert.deepEqual(
      seen.filter(({ from }) => from === LINK.box.mac || from === LINK.gate.mac),
      [],
    )
  })

for (const engine of ['container', 'gvisor'])
  test(`${engine}: root of a box has no packet socket`, async () => {
    const box = [LAUNCHER, 'run', '--engine', engine, '--network', 'internet', '--user', 'root', '--']
    const { code, stdout, stderr } = await lab.run('host', [...box, 'perl', '-e', SEND, 'eth0', '00']).result
    assert.notEqual(code, 0)
    assert.equal(stdout, '')
    assert.match(stderr, /no packet socket/)
  })

/** All that a program finds out about the link that it is on. */
const LOOK = `use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 0); my $mac = pack 'a16 x16', 'eth0';
  ioctl $s, 0x8927, $mac; print 'mac ', join(':', unpack '(H2)6', substr $mac, 18, 6), "\\n";
  connect $s, pack_sockaddr_in(7, inet_aton('${SITES.allowed.four}')); send $s, 'x', 0;
  for my $file (map({ "/proc/net/$_" } qw(dev arp route ipv6_route if_inet6 fib_trie unix tcp udp igmp igmp6)), '/etc/resolv.conf', '/etc/hosts',
    '/etc/hostname', '/etc/machine-id', glob('/var/lib/dhcp/*'), glob('/proc/sys/kernel/{hostname,domainname}')) {
    open my $in, '<', $file or next; print "$file\\n", <$in> }`

describe('what a box sees of its link', () => {
  const hosts: readonly (readonly [string, RegExp])[] = [
    ['its address', /192\.168\.7\.2\b/],
    ['its network, as /proc/net/route has it', /\b0007A8C0\b/],
    ['its unique local prefix', /fd000007/],
    ['its global prefix', /2a00145000070000/],
    ['its card', new RegExp(macOnSegment(2))],
    ['its router', /\b0107A8C0\b|192\.168\.7\.1\b/],
  ]

  test('the host itself sees all of this there: the control', async () => {
    const { stdout } = await lab.run('host', ['perl', '-e', LOOK]).result
    for (const [what, pattern] of hosts) assert.match(stdout, pattern, what)
  })

  for (const engine of ['container', 'gvisor', 'uml'])
    test(`${engine}: nothing of that, and neither this machine's name nor its id`, async () => {
      const box = [LAUNCHER, 'run', '--engine', engine, '--network', 'internet', '--', 'perl', '-e', LOOK]
      const { code, stdout, stderr } = await lab.run('host', box).result
      assert.equal(code, 0, stderr)
      for (const [what, pattern] of hosts) assert.doesNotMatch(stdout, pattern, what)
      assert.match(stdout, new RegExp(`^mac ${LINK.box.mac}$`, 'm'))
      const own = ['/etc/hostname', '/etc/machine-id'].flatMap((file) => readOptional(file))
      for (const word of own) assert.ok(!stdout.includes(word), word)
    })
})

function readOptional(file: string): string[] {
  try {
    return [readFileSync(file, 'utf8').trim()].filter((word) => word.length > 3)
  } catch {
    // Not every machine has one.
    return []
  }
}
