import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { readSupervisor } from '../../src/box/state.ts'
import { currentPaths } from '../../src/host/paths.ts'
import type { Lab, LabCommand } from '../../src/lab/start.ts'
import { onSegment, SITES } from '../../src/lab/topology.ts'
import { LINK } from '../../src/plan/link.ts'
import { readyGlovebox } from '../support/base-box.ts'
import { openLab } from './lab.ts'
import { Boxes } from './networked.ts'

/* Boxes that have joined a network of the same name reach each other, and nothing through each other. */

const program = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8')
const [SERVE, ASK, RAW] = [program('serve.pl'), program('ask.pl'), program('raw.pl')]
const KINDS = ['tcp4', 'tcp6', 'udp4', 'udp6'] as const
const PORT = '8000'
const NETWORKS = currentPaths().boxes.networks

let lab: Lab
let boxes: Boxes
before(async () => {
  await readyGlovebox()
  lab = await openLab()
  boxes = new Boxes(lab)
})
after(() => lab?.[Symbol.asyncDispose]())

class Joined implements AsyncDisposable {
  readonly box: string
  readonly dir: string
  readonly served: LabCommand

  constructor(box: string, dir: string) {
    this.box = box
    this.dir = dir
    this.served = boxes.glovebox('exec', box, '--', 'perl', '-e', SERVE, PORT)
  }

  get name(): string {
    return `${this.box}.glovebox`
  }

  /** What it gets to hear from each place, `PROTOCOL ADDRESS PORT` in front. */
  async asks(places: readonly (readonly [string, string, string])[]): Promise<string[]> {
    const { stdout, code, stderr } = await boxes.glovebox(
      'exec',
      this.box,
      '--',
      'perl',
      '-e',
      ASK,
      ...places.flat(),
    ).result
    assert.equal(code, 0, stderr)
    return stdout.trim().split('\n')
  }

  /** What it hears from the server of another box by each kind of packet. */
  async hears(address: string): Promise<string[]> {
    const lines = await this.asks(KINDS.map((kind) => [kind, address, PORT]))
    return lines.map((line) => line.split(' ').slice(3).join(' '))
  }

  /** Its own two addresses, as another member knows them. */
  async addresses(of: string): Promise<{ readonly four: string; readonly six: string }> {
    const { stdout } = await boxes.glovebox('exec', this.box, '--', 'getent', 'ahosts', of).result
    const found = [...new Set(stdout.split('\n').map((line) => line.split(' ')[0] ?? ''))]
    const four = found.find((one) => one.includes('.'))
    const six = found.find((one) => one.includes(':'))
    assert.ok(four !== undefined && six !== undefined, `addresses of ${of}: ${stdout}`)
    return { four, six }
  }

  /** Packets that its kernel sends, with all their bytes as they are given. */
  async sends(...words: readonly string[]): Promise<string> {
    const holder = String(readSupervisor(this.dir)?.holder.pid)
    const inside = ['nsenter', '--target', holder, '--user', '--net', '--', 'perl', '-e', RAW, ...words]
    const { stdout, code, stderr } = await lab.run('host', inside).result
    assert.equal(code, 0, stderr)
    return stdout
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await boxes.end(this.box)
  }
}

/** A box that serves, with these words of its network. */
async function startBox(engine: string, ...words: readonly string[]): Promise<Joined> {
  const all = ['--engine', engine, ...words, '--detach', '--', 'sleep', 'infinity']
  const { code, stdout, stderr } = await boxes.glovebox('run', ...all).result
  assert.equal(code, 0, stderr)
  const box = stdout.trim()
  const joined = new Joined(box, join(currentPaths().boxes.runtime, box))
  assert.match(await joined.served.until('ready'), /ready/)
  return joined
}

const PEER4 = /^box ::ffff:198\.18\.0\.\d+$/
const PEER6 = /^box fd67:6c6f:7667::[0-9a-f]+$/

for (const [one, other] of [
  ['container', 'container'],
  ['container', 'uml'],
  ['gvisor', 'vm'],
  ['microvm', 'container'],
] as const)
  test(`${one} and ${other} reach each other by name and address, over TCP and UDP, IPv4 and IPv6`, async () => {
    await using first = await startBox(one, '--join', 'pair')
    await using second = await startBox(other, '--join', 'pair')
    for (const [from, to] of [
      [first, second],
      [second, first],
    ] as const) {
      const { four, six } = await from.addresses(to.name)
      const heard = await from.hears(to.name)
      assert.equal(heard.length, KINDS.length)
      for (const [at, text] of heard.entries()) assert.match(text, KINDS[at]?.endsWith('4') ? PEER4 : PEER6)
      const direct = await from.asks([
        ['tcp', four, PORT],
        ['udp', six, PORT],
      ])
      assert.match(direct[0] ?? '', /box ::ffff:198\.18\.0\.\d+$/)
      assert.match(direct[1] ?? '', /box fd67:/)
    }
  })

/** All that a policy can open, beside the network of boxes. */
const WIDE = ['internet', 'lan', 'host:631']
  .flatMap((word) => ['--network', word])
  .concat(['--join', 'home', '--publish', `8123:${PORT}`, '--hostname', 'twin'])

describe('among boxes of several networks', () => {
  let member: Joined
  let peer: Joined
  let wide: Joined
  let stranger: Joined
  let lone: Joined
  before(async () => {
    member = await startBox('container', '--join', 'home', '--hostname', 'alpha')
    peer = await startBox('container', '--join', 'home', '--hostname', 'twin')
    wide = await startBox('container', ...WIDE)
    stranger = await startBox('container', '--join', 'elsewhere', '--network', 'internet')
    lone = await startBox('container', '--network', 'internet')
  })
  after(async () => {
    for (const each of [member, peer, wide, stranger, lone]) if (each) await boxes.end(each.box)
  })

  test('only those of the same network reach each other, and know each other’s names', async () => {
    const { four, six } = await peer.addresses(member.name)
    for (const outside of [stranger, lone]) {
      const lines = await outside.asks([
        ...KINDS.map((kind) => [kind, member.name, PORT] as const),
        ...[four, six].flatMap((address) => [
          ['tcp', address, PORT] as const,
          ['udp', address, PORT] as const,
        ]),
      ])
      assert.deepEqual(
        lines.filter((line) => line.includes(' box ')),
        [],
      )
      assert.equal(lines.filter((line) => line.endsWith('no address')).length, KINDS.length)
    }
    // The control: what the others tried, from a member.
    assert.ok((await peer.hears(member.name)).every((text) => text.startsWith('box ')))
  })

  test('a ping is answered, over IPv4 and IPv6', async () => {
    const { four, six } = await peer.addresses(member.name)
    const { address4, address6 } = LINK.box
    assert.equal(
      await peer.sends(address4, four, 'ping', 'hello4', address6, six, 'ping', 'hello6'),
      `ping ${four} answered\nping ${six} answered\n`,
    )
    assert.match(await lone.sends(address4, four, 'ping', 'hello'), /nothing/)
  })

  test('a host name names a box where it is the only one of that name', async () => {
    const [alpha, twin] = await peer.asks([
      ['tcp', 'alpha.glovebox', PORT],
      ['tcp', 'twin.glovebox', PORT],
    ])
    assert.match(alpha ?? '', / box /)
    assert.match(twin ?? '', /no address$/)
  })

  test('nobody gets the internet, the LAN or this machine through another member that has them', async () => {
    const [host, ...rest] = onSegment(2)
    const places = [SITES.allowed.four, SITES.allowed.six, host, ...rest, ...onSegment(20)].map(
      (address) => ['tcp', address, '80'] as const,
    )
    const own = await wide.asks(places)
    assert.equal(own.filter((line) => /internet|nas/.test(line)).length, 5, `the control: ${own.join('\n')}`)
    for (const line of await member.asks(places)) assert.match(line, /refused/)
    // The same with the other's address for the next hop, as its gate sees it: no packet for another place is taken from a member.
    lab.arrivals.take()
    const { four } = await member.addresses(wide.name)
    await member.sends(
      LINK.box.address4,
      SITES.allowed.four,
      '7',
      'past',
      LINK.box.address4,
      '192.168.7.30',
      '7',
      'past',
    )
    assert.match((await member.asks([['udp', four, PORT]]))[0] ?? '', / box /)
    assert.deepEqual(
      lab.arrivals.take().filter(({ text }) => text.includes('past')),
      [],
    )
  })

  test('what else a member has it keeps: a service of this machine, and its published port', async () => {
    const [service] = await wide.asks([['tcp', 'host.glovebox', '631']])
    assert.match(service ?? '', / host$/)
    const { stdout } = await lab.run('host', ['perl', '-e', ASK, 'tcp4', '127.0.0.1', '8123']).result
    assert.match(stdout, / box ::ffff:/)
    assert.match((await member.asks([['tcp', wide.name, PORT]]))[0] ?? '', / box /)
    assert.match((await member.asks([['tcp', 'host.glovebox', '631']]))[0] ?? '', /no address$/)
    assert.match((await member.asks([['tcp', LINK.pasta.address4, '631']]))[0] ?? '', /refused/)
  })

  test('of a member only the box is reached: neither its gate nor its resolver', async () => {
    const { four, six } = await member.addresses(wide.name)
    const lines = await member.asks(
      [four, six].flatMap((to) => [['tcp', to, '53'] as const, ['udp', to, '53'] as const]),
    )
    for (const line of lines)
      assert.match(line, /refused Connection refused$/, 'the box itself says that nobody listens there')
    const gates = [LINK.outward.address4, LINK.pasta.address4, LINK.outward.address6, LINK.pasta.address6]
    for (const line of await member.asks(gates.map((to) => ['udp', to, '53']))) assert.match(line, /refused/)
  })

  test('no packet with another source than the box’s own leaves it', async () => {
    const heard = boxes.glovebox('exec', member.box, '--', 'perl', '-e', HEAR_ALL, '9000')
    await heard.until('ready')
    const { four, six } = await peer.addresses(member.name)
    const forged = [
      ...['198.18.0.200', '192.168.7.2', '9.9.9.9', four].flatMap((from) => [
        from,
        four,
        '9000',
        `forged ${from}\n`,
      ]),
      ...['fd67:6c6f:7667::c8', '2620:fe::9', six].flatMap((from) => [from, six, '9000', `forged ${from}\n`]),
    ]
    const { address4, address6 } = LINK.box
    await peer.sends(...forged, address4, four, '9000', 'own4\n', address6, six, '9000', 'own6\n')
    const text = (await heard.until('own4')) + (await heard.until('own6'))
    assert.match(text, /own4\s+own6/, 'the control: with its own source it arrives')
    assert.doesNotMatch(text, /forged/)
  })

  test('what is denied is closed at once, by address and by name', async () => {
    const { four } = await peer.addresses(wide.name)
    assert.match((await peer.asks([['tcp', four, PORT]]))[0] ?? '', / box /)
    const deny = async (rule: string): Promise<void> => {
      const { code, stderr } = await boxes.glovebox('network', 'deny', peer.box, rule).result
      assert.equal(code, 0, stderr)
    }
    await deny(four)
    assert.match((await peer.asks([['tcp', four, PORT]]))[0] ?? '', /refused/)
    assert.match(
      (await wide.asks([['tcp4', peer.name, PORT]]))[0] ?? '',
      /nothing|refused/,
      'in both directions',
    )
    assert.match((await peer.asks([['tcp', member.name, PORT]]))[0] ?? '', / box /, 'and nobody else')
    await deny(member.name)
    assert.match((await peer.asks([['tcp', member.name, PORT]]))[0] ?? '', /no address$/)
  })
})

const HEAR_ALL = `use Socket qw(:all); $| = 1; socket(my $s, AF_INET6, SOCK_DGRAM, 0); setsockopt $s, IPPROTO_IPV6, IPV6_V6ONLY, 0;
bind $s, pack_sockaddr_in6($ARGV[0], IN6ADDR_ANY) or die; print "ready\\n"; while (defined recv $s, my $text, 1000, 0) { print $text }`

/** Every byte of a list that nobody holds yet: struct flock, and F_SETLK (fcntl(2)). */
const LOCK_ALL = `use Fcntl; open my $list, '+<', $ARGV[0] or die; for my $number (1 .. 254) {
fcntl $list, F_SETLK, pack('ssx4qqlx4', F_WRLCK, 0, $number * 256, 1, 0) } $| = 1; print "locked $$\n"; sleep`

describe('what ends', () => {
  const members = (): string[] =>
    existsSync(join(NETWORKS, 'ends')) ? readdirSync(join(NETWORKS, 'ends')) : []

  test('a box that is gone has no name from then on, however it went, and its place is free', async () => {
    await using stays = await startBox('container', '--join', 'ends')
    const killed = await startBox('container', '--join', 'ends')
    const stopped = await startBox('container', '--join', 'ends')
    for (const each of [killed, stopped])
      assert.ok((await stays.hears(each.name)).every((text) => text.startsWith('box ')))
    const { four } = await stays.addresses(killed.name)
    await kill(readSupervisor(killed.dir)?.outer.pid ?? 0)
    await boxes.end(stopped.box)
    while ((await stays.asks([['tcp', killed.name, PORT]]))[0]?.endsWith('no address') !== true);
    const [gone, address] = await stays.asks([
      ['tcp', stopped.name, PORT],
      ['tcp', four, PORT],
    ])
    assert.match(gone ?? '', /no address$/)
    assert.match(address ?? '', /No route to host$/, 'whoever asks a place that nobody has is told at once')
    await boxes.glovebox('gc').result
    assert.deepEqual(members().length, 2, 'the list, and the socket of the one that stays')
  })

  test('where all places of a network are taken, or its name is none, a start is refused', async () => {
    await using first = await startBox('container', '--join', 'ends')
    const hold = lab.run('host', ['perl', '-e', LOCK_ALL, join(NETWORKS, 'ends', 'members')])
    await hold.until('locked')
    const refused = await boxes.glovebox('run', '--join', 'ends', '--', 'true').result
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /Cannot join the network: it is full, with 254 boxes/)
    const misnamed = await boxes.glovebox('run', '--join', '../ends', '--', 'true').result
    assert.match(misnamed.stderr, /Cannot use --join/)
    assert.match((await first.hears('nobody.glovebox')).join(), /no address/)
    await kill(Number(/\d+/.exec(hold.output)?.[0]))
  })

  test('a network is gone with its last box', async () => {
    const last = await startBox('container', '--join', 'ends')
    assert.equal(members().length, 2)
    await boxes.end(last.box)
    assert.equal(existsSync(join(NETWORKS, 'ends')), false)
  })

  test('without its program nothing of the network passes, and that is told', async () => {
    await using stays = await startBox('container', '--join', 'ends')
    await using cut = await startBox('container', '--join', 'ends')
    const { four } = await stays.addresses(cut.name)
    const events = boxes.glovebox('events', '--follow', '--json', cut.box)
    await events.until('"started"')
    await kill(joinProgram(cut.dir))
    assert.match(await events.until('network-closed'), /"network-closed","by":"gate"/)
    assert.match((await stays.asks([['tcp', four, PORT]]))[0] ?? '', /No route to host$|nothing/)
    assert.match(
      (await cut.asks([['tcp', (await stays.addresses(stays.name)).four, PORT]]))[0] ?? '',
      /refused|nothing/,
    )
    assert.doesNotMatch((await cut.asks([['tcp', stays.name, PORT]]))[0] ?? '', / box /)
    await boxes.glovebox('stop', '--grace', '0s', cut.box).result
    await boxes.glovebox('rm', cut.box).result
    await events.result
  })
})

/** In the lab a process has ids that only the lab may signal. */
async function kill(pid: number): Promise<void> {
  const { code, stderr } = await lab.run('host', ['bash', '-c', `kill -9 ${pid}`]).result
  assert.equal(code, 0, stderr)
}

function joinProgram(dir: string): number {
  const keeper = readFileSync(join(dir, 'gate'), 'utf8').split(' ')[2]
  const found = readFileSync(`/proc/${keeper}/task/${keeper}/children`, 'utf8')
    .trim()
    .split(' ')
    .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] === 'join')
  assert.ok(found !== undefined, 'no program of a network')
  return Number(found)
}
