import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { NetworkStatus } from '../../src/box/network-show.ts'
import { findTool } from '../../src/host/tools.ts'
import type { Lab, LabResult } from '../../src/lab/start.ts'
import { networkFiles } from '../../src/network/gate.ts'
import { formatRule } from '../../src/policy/network-rule.ts'
import type { OpenNetwork } from '../../src/policy/network-types.ts'
import { randomNumbers } from '../policy/random.ts'
import { LAUNCHER, readyGlovebox } from '../support/base-box.ts'
import { openLab, scratchFolder } from './lab.ts'
import { Boxes } from './networked.ts'

/* A machine that lacks something has no box with a network: never one that is more open. Without a network the same machine has boxes. */

let lab: Lab
let boxes: Boxes
const scratch = scratchFolder()
before(async () => {
  await readyGlovebox()
  lab = await openLab()
  boxes = new Boxes(lab)
})
after(async () => {
  await lab?.[Symbol.asyncDispose]()
  scratch[Symbol.dispose]()
})

/** As the lab runs what has no power over it (src/lab/world-process.ts). */
const PLAIN =
  process.getuid?.() === 0
    ? []
    : ['setpriv', '--inh-caps=-all,+setuid,+setgid', '--ambient-caps=-all,+setuid,+setgid', '--']

/** A box on the lab's host, in a mount namespace in which files of the machine are covered. */
function run(
  covers: readonly string[],
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<LabResult> {
  const program = ['perl', join(import.meta.dirname, 'covered.pl'), ...covers, '--']
  const box = [LAUNCHER, 'run', ...words, '--', 'echo', 'it runs']
  const argv = ['unshare', '--mount', '--propagation', 'private', '--', ...program, ...PLAIN, ...box]
  return lab.run('host', argv, { powerful: true, env: { ...process.env, ...env } }).result
}

async function refuses(
  covers: readonly string[],
  words: readonly string[],
  said: RegExp,
  env = {},
): Promise<void> {
  const { code, stdout, stderr } = await run(covers, words, env)
  assert.match(stderr, said)
  // It says what to do.
  assert.match(stderr, /\n {2}→ /)
  assert.deepEqual([code, stdout], [1, ''])
}

async function runs(covers: readonly string[], words: readonly string[]): Promise<void> {
  const { stdout, stderr } = await run(covers, words)
  assert.equal(stdout, 'it runs\n', stderr)
}

const toolOf = (name: string): string => realpathSync(findTool(name)?.path ?? assert.fail(`no ${name} here`))
const INTERNET = ['--network', 'internet']
const NONE = ['--network', 'none']

test('the control: with nothing covered a box with a network runs', () => runs([], INTERNET))

for (const [tool, wanted] of [
  ['pasta', 'passt'],
  ['nft', 'nftables'],
  ['ip', 'iproute2'],
] as const)
  test(`without ${tool} a start with a network is refused, and names what to install`, async () => {
    const covers = ['bind', '/dev/null', toolOf(tool)]
    await refuses(
      covers,
      INTERNET,
      new RegExp(`network: ${tool} is not installed\\.\\n.*apt-get install ${wanted}`),
    )
    await runs(covers, NONE)
  })

for (const engine of ['container', 'uml']) {
  const words = ['--engine', engine]
  test(`${engine}: without /dev/net/tun a start with a network is refused, and names it`, async () => {
    const covers = ['tmpfs', '/dev/net', 'size=4k']
    await refuses(covers, [...words, ...INTERNET], /\/dev\/net\/tun is missing\.\n.*modprobe tun/)
    await runs(covers, [...words, ...NONE])
  })

  test(`${engine}: where the kernel takes no firewall a start with a network is refused, and names nftables`, async () => {
    const stub = join(scratch.path, 'nft')
    const said = 'netlink: Error: cache initialization failed: Operation not supported'
    writeFileSync(stub, `#!/bin/sh\necho "${said}" >&2\nexit 1\n`, { mode: 0o755 })
    chmodSync(scratch.path, 0o755)
    const covers = ['bind', stub, toolOf('nft')]
    await refuses(
      covers,
      [...words, ...INTERNET],
      /rules of its firewall \(nft said: .*not supported\)\.\n.*nf_tables/,
    )
    await runs(covers, [...words, ...NONE])
  })
}

test('a /dev/net/tun that is no device, or that may not be opened, is told from one that is missing', async () => {
  const file = join(scratch.path, 'tun')
  writeFileSync(file, '', { mode: 0o000 })
  const why = process.getuid?.() === 0 ? 'is no device' : 'may not be opened by you'
  await refuses(['bind', file, '/dev/net/tun'], INTERNET, new RegExp(`/dev/net/tun ${why}`))
})

test('where the kernel has no IPv6 a start with a network is refused, and names it', () =>
  // There is no control: a /proc with something covered cannot be mounted once more, so no box starts there (mount_namespaces(7)).
  refuses(
    ['tmpfs', '/proc/sys/net/ipv6', 'size=4k'],
    INTERNET,
    /the kernel of this machine has no IPv6.*\n.*ipv6\.disable=1/,
  ))

test('without a way out a start with a network is refused, and with IPv4 alone it is not', async () => {
  const routes = await lab.run('host', ['/sbin/ip', 'route', 'show', 'default']).result
  const routes6 = await lab.run('host', ['/sbin/ip', '-6', 'route', 'show', 'default']).result
  await boxes.change('host', 'route del ::/0')
  await runs([], INTERNET)
  await boxes.change('host', 'route del default')
  await refuses([], INTERNET, /this machine has none itself \(no default route\)/)
  await runs([], NONE)
  const [four = '', six = ''] = [routes.stdout.trim(), routes6.stdout.trim()]
  const gateway = (text: string): string => / via (\S+)/.exec(text)?.[1] ?? assert.fail(text)
  await boxes.change('host', `route add default via ${gateway(four)}`, `route add ::/0 via ${gateway(six)}`)
  await runs([], INTERNET)
})

describe('a folder for boxes', () => {
  const runtime = join(scratch.path, 'run')
  const env = { XDG_RUNTIME_DIR: runtime }
  before(() => mkdirSync(runtime, { mode: 0o700 }))
  for (const [what, options, said] of [
    ['full', 'size=4k,mode=700', /no space left on device/],
    ['full of files', 'size=1m,nr_inodes=12,mode=700', /no space left on device/],
    ['read-only', 'ro', /read-only file system/],
  ] as const)
    test(`that is ${what} is named, and there is no box`, () =>
      refuses(['tmpfs', runtime, options], INTERNET, said, env))
})

test('a change that is killed at any moment leaves the old rules or the new ones, and the next one works', async () => {
  const { box, dir } = await boxes.start('container')
  const policy = (): string[] =>
    (JSON.parse(readFileSync(networkFiles(dir).policy, 'utf8')) as OpenNetwork).deny.map(formatRule)
  const inForce = async (): Promise<string[]> => {
    const { code, stdout, stderr } = await boxes.glovebox('network', 'show', '--json', box).result
    assert.equal(code, 0, stderr)
    const { rules } = JSON.parse(stdout) as NetworkStatus
    for (const chain of ['forward', 'leave', 'back', 'refuse', 'input', 'output', 'translate'])
      assert.ok(rules.includes(`chain ${chain} {`), chain)
    return (/set denied4_0 \{[^}]*elements = \{([^}]*)\}/.exec(rules)?.[1] ?? '').match(/[\d./]+/g) ?? []
  }
  const random = randomNumbers(81)
  const seen = new Set<string>()
  for (let round = 1; round <= 8; round++) {
    const [old, base, rule] = [await inForce(), policy(), `45.${round}.0.0/24`]
    const seconds = (0.05 + random() * 0.75).toFixed(3)
    const { code } = await lab.run('host', [
      'timeout',
      '-s',
      'KILL',
      seconds,
      LAUNCHER,
      'network',
      'deny',
      box,
      rule,
    ]).result
    const now = (await inForce()).toSorted()
    seen.add(code === 0 ? 'done' : now.includes(rule) ? 'new' : 'old')
    assert.ok(
      [old, [...base, rule]].some((one) => one.toSorted().join() === now.join()),
      `${now} after ${old}`,
    )
  }
  // It was killed in some rounds at the least.
  assert.ok(seen.has('old') || seen.has('new'), [...seen].join())
  const { code, stderr } = await boxes.glovebox('network', 'deny', box, '45.99.0.0/24').result
  assert.equal(code, 0, stderr)
  assert.deepEqual((await inForce()).toSorted(), policy().toSorted())
  assert.equal(await boxes.answers(box, '93.184.215.14', 80), 'internet')
  await boxes.end(box)
})
