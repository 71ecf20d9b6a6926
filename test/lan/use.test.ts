import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bulkHash } from '../../src/lab/bulk.ts'
import type { Lab, LabResult } from '../../src/lab/start.ts'
import { SITES } from '../../src/lab/topology.ts'
import { LAUNCHER, readyGlovebox } from '../support/base-box.ts'
import { openLab } from './lab.ts'
import { serve } from './servers.ts'

/* What a browser and a voice call need works from a box. */

const program = (name: string): string => readFileSync(join(import.meta.dirname, 'use', name), 'utf8')
const [DATAGRAMS, SLOWLY, TONE] = [program('datagrams.pl'), program('slowly.pl'), program('tone.pl')]
const MB = 1_000_000
const { allowed, other, narrow, web, voice } = SITES

let lab: Lab
let largeHash = ''
before(async () => {
  const glovebox = await readyGlovebox()
  await glovebox.images.build('lab')
  lab = await openLab()
  const output = await serve(lab, 'web').until('ready\n')
  assert.match(output, /^[0-9a-f]{64}\nready\n$/)
  largeHash = output.slice(0, 64)
  serve(lab, 'voice')
})
after(() => lab?.[Symbol.asyncDispose]())

async function inBox(
  engine: string,
  image: string,
  command: readonly string[],
  options: readonly string[] = [],
): Promise<LabResult> {
  const how = ['--image', image, '--engine', engine, '--network', 'internet', ...options]
  const result = await lab.run('host', [LAUNCHER, 'run', ...how, '--', ...command]).result
  assert.equal(result.code, 0, result.stderr)
  return result
}

const upload = (address: string, bytes: number): string =>
  `head -c ${bytes} /dev/urandom > /tmp/sent; exec 3<>/dev/tcp/${address}/5001
   { echo ${bytes}; cat /tmp/sent; } >&3; sha256sum < /tmp/sent | cut -d' ' -f1; head -n1 <&3; exec 3>&-`
const download = (address: string, bytes: number, seed: string): string =>
  `exec 3<>/dev/tcp/${address}/5002; echo ${bytes} ${seed} >&3; sha256sum <&3 | cut -d' ' -f1; exec 3>&-`

/** Up and down by both families: what arrived is what was sent. */
async function transfers(engine: string, up: string, down: string, bytes: number): Promise<void> {
  const seed = randomUUID()
  const script = `${upload(up, bytes)}\n${download(down, bytes, seed)}`
  const { stdout } = await inBox(engine, 'base', ['bash', '-c', script])
  const [sent, arrived, received] = stdout.trim().split('\n')
  assert.match(sent ?? '', /^[0-9a-f]{64}$/)
  assert.equal(arrived, sent)
  assert.equal(received, bulkHash(seed, bytes))
}

test('receive buffers of gVisor do not grow, and who has seen to that is the box’s user, with its streams and without a right', async () => {
  const script = `cat /proc/sys/net/ipv4/tcp_rmem; grep -hE '^(Uid|Gid|Groups|Cap...):' /proc/1/status /proc/self/status
    echo "$(id)" > /dev/stdout; echo said > /dev/stderr`
  const { stdout, stderr } = await inBox('gvisor', 'base', ['sh', '-c', script])
  const lines = stdout.trim().split('\n')
  const [, initial, most] = (lines.shift() ?? '').split('\t')
  assert.ok(Number(initial) > 2 ** 20 && initial === most, stdout)
  assert.equal(lines.pop(), 'uid=1000(user) gid=1000(user) groups=1000(user)')
  assert.equal(stderr, 'said\n')
  const none = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd'].map((name) => `${name}:\t0000000000000000`)
  const user = ['Uid', 'Gid'].map((name) => `${name}:\t1000\t1000\t1000\t1000`)
  const status = [...user, 'Groups:', ...none]
  assert.deepEqual(
    lines.map((line) => line.trim()),
    [...status, ...status],
  )
})

for (const engine of ['container', 'gvisor'])
  test(`${engine}: a working folder is made and entered where only the box’s user may look`, async () => {
    const { stdout } = await inBox(
      engine,
      'base',
      ['stat', '-c', '%n %a', '/home/user'],
      ['-w', '/home/user/in/side'],
    )
    assert.equal(stdout, '/home/user 700\n')
  })

/** gVisor's own kernel carries less. */
for (const [engine, megabytes] of [
  ['container', 100],
  ['gvisor', 20],
  ['uml', 100],
] as const)
  describe(engine, () => {
    test(`${megabytes} MB go out by IPv4 and come in by IPv6, whole`, () =>
      transfers(engine, allowed.four, allowed.six, megabytes * MB))

    test('a socket for datagrams is one and the same port to all its peers, and hears an answer after 35 s of silence', async () => {
      const nonces = { four: randomUUID(), six: randomUUID() }
      lab.arrivals.take()
      const families = ['four', 'six'] as const
      const heard = families.map(async (family) => {
        const words = ['mapping', nonces[family], allowed[family], '7', other[family], '443']
        return (await inBox(engine, 'base', ['perl', '-e', DATAGRAMS, ...words])).stdout.trim().split('\n')
      })
      const answers = await Promise.all(heard)
      const arrivals = lab.arrivals.take()
      for (const [at, family] of families.entries()) {
        const echo = `internet ${nonces[family]} mapped`
        assert.deepEqual(answers[at], [echo, echo, `internet after 35 ${nonces[family]}`])
        const ports = arrivals.filter(({ text }) => text.includes(nonces[family])).map((one) => one.peerPort)
        assert.equal(ports.length, 3)
        assert.equal(new Set(ports).size, 1)
      }
    })

    for (const family of ['four', 'six'] as const)
      test(`a large datagram arrives over a path of 1280 bytes, and comes back (${family})`, async () => {
        const words = ['large', randomUUID(), narrow[family], '7']
        const { stdout } = await inBox(engine, 'base', ['perl', '-e', DATAGRAMS, ...words])
        assert.equal(stdout, 'whole\n')
      })

    test('much data goes both ways over a path of 1280 bytes', async () => {
      await transfers(engine, narrow.four, narrow.six, 5 * MB)
      await transfers(engine, narrow.six, narrow.four, 5 * MB)
      // The control: that path is narrower than its first link, and this machine was told so (RFC 1191, RFC 8201).
      for (const address of [narrow.four, narrow.six]) {
        const { stdout } = await lab.run('host', ['ip', 'route', 'get', address]).result
        assert.match(stdout, /mtu 1280/)
      }
    })

    // gVisor opened a closed window no more, once in thirty such connections, when its buffer had grown meanwhile (guest/receive.c).
    test('what is read slowly comes whole, each time', async () => {
      const words = ['perl', '-e', SLOWLY, allowed.six, '5002', String(3 * MB), '15']
      assert.equal((await inBox(engine, 'base', words)).stdout, '60 whole, 0 not\n')
    })

    test('a site answers by HTTP/1.1, HTTP/2 and HTTP/3, over IPv4 and IPv6', async () => {
      const tries = ['http1.1', 'http2', 'http3-only'].flatMap((version) =>
        [4, 6].map((family) => `curl -sSk -${family} --${version} https://${web.name}/protocol`),
      )
      const { stdout } = await inBox(engine, 'lab', ['sh', '-c', tries.join('\n')])
      assert.deepEqual(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split(' ')[0]),
        ['HTTP/1.1', 'HTTP/1.1', 'HTTP/2.0', 'HTTP/2.0', 'HTTP/3.0', 'HTTP/3.0'],
      )
    })

    // User-Mode Linux takes datagrams too slowly: the server gives the connection up (decision 13).
    if (engine !== 'uml')
      test('20 MB come whole by HTTP/3', async () => {
        const fetch = (family: number): string =>
          `curl -sSk -${family} --http3-only https://${web.name}/large | sha256sum | cut -d' ' -f1`
        const { stdout } = await inBox(engine, 'lab', ['sh', '-c', [fetch(4), fetch(6)].join('\n')])
        assert.deepEqual(stdout.trim().split('\n'), [largeHash, largeHash])
      })

    test('a call is answered, and the tone that the box speaks comes back to it', async () => {
      const script = `cd /tmp; perl -e '${TONE.replaceAll("'", "'\\''")}' make tone.wav
        for try in 1 2 3; do
          sh /usr/lib/glovebox-lab/call sip:echo@${voice.four} 2>&1 && break
          cat log
        done
        perl -e '${TONE.replaceAll("'", "'\\''")}' hear heard.wav`
      const { stdout } = await inBox(engine, 'lab', ['sh', '-c', script])
      // The client ended by itself once under gVisor, on a busy machine, before it had called: then it calls again.
      assert.match(stdout, /Call established/)
      const [, tone = 0, noise = 0] = (/440 Hz: (\d+), 700 Hz: (\d+)/.exec(stdout) ?? []).map(Number)
      assert.ok(tone > 2000 && noise < tone / 10, `440 Hz: ${tone}, 700 Hz: ${noise} (it spoke at 8000)`)
    })
  })
