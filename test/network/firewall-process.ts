import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { NEXT_SCRIPT } from '../../src/network/pieces.ts'
import { LINK } from '../../src/plan/link.ts'
import type { Attempt, FirewallRequest } from './firewall.ts'

/* Three namespaces in a row, as a box's network has them: a box, the gate with the rules, and a world in which every address is
 * somebody's who answers on every port. `firewall-process.ts gate` runs in the gate's, and starts the other two. */

const PORT = 9
const { box, gate, outward, pasta } = LINK

function run(program: string, words: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { input, encoding: 'utf8' })
  if (status === 0) return stdout
  throw new Error(`${program} ${words.join(' ')}: ${error?.message ?? stderr.slice(0, 2000)}`)
}

const ip = (lines: readonly string[]): string => run('ip', ['-batch', '-'], `${lines.join('\n')}\n`)

/** In its own namespace, and ready. */
async function inNamespace(role: string): Promise<ChildProcess> {
  const words = [
    '--pdeathsig',
    'KILL',
    '--',
    'unshare',
    '--net',
    '--',
    process.execPath,
    import.meta.filename,
    role,
  ]
  const child = spawn('setpriv', words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  child.once('exit', () => process.exit(1))
  await once(child, 'message')
  return child
}

const pidOf = (child: ChildProcess): string => String(child.pid)
/** Asks the other side for one answer. Without it this process ends, and so does the test. */
async function ask(child: ChildProcess, message: object): Promise<unknown> {
  const answered = once(child, 'message')
  child.send(message)
  return (await answered)[0]
}

async function beGate(): Promise<void> {
  const [inside, outside] = [await inNamespace('box'), await inNamespace('world')]
  ip([
    'link set lo up',
    `link add ${gate.interface} address ${gate.mac} type veth peer name ${box.interface} address ${box.mac} netns ${pidOf(inside)}`,
    `addr add ${gate.address4}/${box.bits4} dev ${gate.interface}`,
    `addr add ${gate.address6}/${box.bits6} dev ${gate.interface} nodad`,
    `link set ${gate.interface} up`,
    `link add ${outward.interface} address ${outward.mac} type veth peer name wan0 address ${pasta.mac} netns ${pidOf(outside)}`,
    `addr add ${outward.address4}/${outward.bits4} dev ${outward.interface}`,
    `addr add ${outward.address6}/${outward.bits6} dev ${outward.interface} nodad`,
    `link set ${outward.interface} up`,
  ])
  await ask(inside, { links: true })
  await ask(outside, { links: true })
  ip([`route add default via ${pasta.address4}`, `route add ::/0 via ${pasta.address6}`])
  for (const [name, value] of [
    ['net.ipv4.ip_forward', '1'],
    ['net.ipv6.conf.all.forwarding', '1'],
    // A refusal that is not told would be waited for.
    ['net.ipv4.icmp_ratelimit', '0'],
    ['net.ipv6.icmp.ratelimit', '0'],
  ])
    run('sysctl', ['-qw', `${name}=${value}`])
  process.on('message', (request: FirewallRequest) => {
    void (async (): Promise<void> => {
      try {
        // As a box's gate does, one script after the other.
        for (const script of request.rules.split(NEXT_SCRIPT))
          run('nft', request.checkOnly ? ['-c', '-f', '-'] : ['-f', '-'], script)
        process.send?.({ passed: await ask(inside, { attempts: request.attempts }) })
      } catch (error) {
        process.send?.({ error: String(error) })
      }
    })()
  })
}

async function beBox(): Promise<void> {
  const { address4, address6, bits4, bits6 } = box
  process.on('message', (message: { links?: true; attempts?: readonly Attempt[] }) => {
    void (async (): Promise<void> => {
      if (message.links) {
        ip([
          'link set lo up',
          `addr add ${address4}/${bits4} dev ${box.interface}`,
          `addr add ${address6}/${bits6} dev ${box.interface} nodad`,
          `link set ${box.interface} up`,
          `route add default via ${gate.address4}`,
          `route add ::/0 via ${gate.address6}`,
        ])
        process.send?.({})
      } else process.send?.(await Promise.all((message.attempts ?? []).map(attempt)))
    })()
  })
}

const attempt = (one: Attempt): Promise<boolean> =>
  one.transport === 'tcp' ? attemptTcp(one) : attemptUdp(one)

/** Whether somebody answers. Each attempt ends by an answer or by a refusal that the gate tells. */
async function attemptTcp({ address, port }: Attempt): Promise<boolean> {
  const socket = connect(port, address)
  const passed = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  socket.resetAndDestroy()
  return passed
}

async function attemptUdp({ address, port }: Attempt): Promise<boolean> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  const passed = await new Promise<boolean>((resolve) => {
    socket.once('message', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.connect(port, address, (error?: Error) => {
      if (error === undefined || error === null) socket.send('x')
      else resolve(false)
    })
  })
  socket.close()
  return passed
}

async function beWorld(): Promise<void> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume())
  await once(server.listen(PORT, '::'), 'listening')
  for (const type of ['udp4', 'udp6'] as const) {
    const socket = createSocket({ type, ipv6Only: type === 'udp6' })
    socket.on('message', (_, { port, address }) => socket.send('y', port, address))
    socket.bind(PORT)
    await once(socket, 'listening')
  }
  process.on('message', () => {
    ip([
      'link set lo up',
      `addr add ${pasta.address4}/${outward.bits4} dev wan0`,
      `addr add ${pasta.address6}/${outward.bits6} dev wan0 nodad`,
      'link set wan0 up',
    ])
    const rules = [`ip to ${pasta.address4}:${PORT}`, `ip6 to [${pasta.address6}]:${PORT}`].flatMap((to) =>
      [6, 17].map((protocol) => `iifname "wan0" meta l4proto ${protocol} dnat ${to};`),
    )
    const hook = 'type nat hook prerouting priority dstnat;'
    run('nft', ['-f', '-'], `table inet world { chain answer { ${hook} ${rules.join(' ')} }; }`)
    process.send?.({})
  })
}

const role = process.argv[2]
await (role === 'box' ? beBox() : role === 'world' ? beWorld() : beGate())
process.send?.({ ready: true })
