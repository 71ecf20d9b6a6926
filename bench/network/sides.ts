import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chooseIds, readIdSource } from '../../src/host/ids.ts'
import { currentPaths } from '../../src/host/paths.ts'
import { findTool } from '../../src/host/tools.ts'
import { type Lab, type LabCommand, startLab } from '../../src/lab/start.ts'
import { type NodeName, SITES } from '../../src/lab/topology.ts'
import { pastaWords } from '../../src/network/gate.ts'
import { CLOSED } from '../../src/policy/network-types.ts'
import type { EngineName, Glovebox } from '../../src/sdk.ts'
import { compile } from '../compile.ts'
import { cost } from './cost.ts'

const root = join(import.meta.dirname, '..', '..')
export const LAUNCHER = join(root, 'bin', 'glovebox')
export const PORT = 5000
export const PORTS = 8
const IN_BOX = '/usr/bin/glovebox-load'

/** The test internet that everything of the benchmark talks to. */
export const FAR = SITES.allowed

const IMAGE = 'bench-network'
const RECIPE = `name: ${IMAGE}
base:
  recipe: base
files:
  - path: ${IN_BOX}
    source: load
    mode: 0755
`

/** Where one end of the load runs: `words` start its program there. */
export interface Side {
  readonly node: NodeName
  readonly words: readonly string[]
}

/** The load's program, the image that has it, and a test LAN with its server on the internet. */
export interface World extends AsyncDisposable {
  readonly lab: Lab
  readonly load: string
  /** bench/watch.c, compiled. */
  readonly watch: string
  readonly image: string
  readonly server: LabCommand
  readonly serverPid: number
}

export async function openWorld(glovebox: Glovebox, folder: string): Promise<World> {
  const load = compile(join(import.meta.dirname, 'load.c'), join(folder, 'load'), ['-static', '-pthread'])
  const watch = compile(join(import.meta.dirname, '..', 'watch.c'), join(folder, 'watch'))
  writeFileSync(join(folder, 'recipe.yaml'), RECIPE)
  await glovebox.images.build(join(folder, 'recipe.yaml'))
  const ids = process.getuid?.() === 0 ? {} : { ids: chooseIds(readIdSource()) }
  const lab = await startLab({ self: [process.execPath, join(root, 'src/lab/process.ts')], ...ids })
  const words = [load, 'server', String(PORT), String(PORTS), FAR.four, FAR.six]
  const server = lab.run('internet', telling(words))
  const serverPid = Number((await server.until('ready')).split('\n')[0])
  return {
    ...{ lab, load, watch, image: IMAGE, server, serverPid },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  }
}

/** Says its process id before it becomes the command. */
const telling = (words: readonly string[]): string[] => ['sh', '-c', 'echo $$; exec "$@"', 'sh', ...words]

/** Runs to its end, and throws with its words if that was not a good one. */
export async function told(lab: Lab, node: NodeName, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.run(node, argv).result
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${stderr}${stdout}`)
  return stdout
}

const killed = (lab: Lab, pid: number): Promise<string> =>
  told(lab, 'host', ['sh', '-c', `kill ${pid} 2>/dev/null || true`])

/** A namespace with pasta alone, with the words that a box's gate gives it. */
export interface HandPasta extends AsyncDisposable, Side {
  readonly pasta: number
}

const FACTS = { families: [4, 6] } as const

export function pastaByHand(): string[] {
  const found = (name: 'pasta' | 'nft' | 'ip'): string => findTool(name)?.path ?? name
  const tools = { pasta: found('pasta'), nft: found('nft'), ip: found('ip') }
  const facts = { ...FACTS, hostAddresses: [], lanRanges: [], segments: [] }
  return pastaWords({ tools, facts, policy: { ...CLOSED, internet: true } })
}

/** A user and a network namespace with one process that can do nothing: pasta looks at no other (ptrace(2)). */
export async function emptyNamespace(lab: Lab): Promise<number> {
  const made = lab.run('host', [
    ...['unshare', '--user', '--map-root-user', '--net', 'setpriv', '--bounding-set=-all'],
    ...['--inh-caps=-all', '--ambient-caps=-all', ...telling(['sleep', 'infinity'])],
  ])
  return Number(await made.until('\n'))
}

/** @param settings of its kernel: what the box's namespace has beyond the default */
export async function attachByHand(lab: Lab, settings: readonly string[] = []): Promise<HandPasta> {
  const holder = await emptyNamespace(lab)
  const inside = ['nsenter', '--target', String(holder), '--user', '--net', '--']
  for (const setting of settings) await told(lab, 'host', [...inside, 'sysctl', '-qw', setting])
  await told(lab, 'host', [...inside, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0'])
  const words = [...pastaByHand(), '--netns', `/proc/${holder}/ns/net`]
  const running = lab.run('host', telling(['nsenter', '--target', String(holder), '--user', '--', ...words]))
  const pasta = Number(await running.until('\n'))
  const ready = 'until ip -6 route | grep -q ^default && ip route | grep -q ^default; do sleep 0.05; done'
  await told(lab, 'host', ['timeout', '20', ...inside, 'sh', '-c', ready])
  return {
    ...{ node: 'host', words: inside, pasta },
    [Symbol.asyncDispose]: async () => {
      await killed(lab, pasta)
      await killed(lab, holder)
    },
  }
}

/** A box of the benchmark's, with the network `internet`, and pasta's process. */
export interface BoxSide extends AsyncDisposable, Side {
  readonly box: string
  readonly dir: string
  readonly pasta: number
  readonly startMs: number
  readonly startCpuMs: number
}

export async function startBox(world: World, engine: EngineName): Promise<BoxSide> {
  const { lab, image } = world
  const words = ['run', '--engine', engine, '--network', 'internet', '--image', image, '--detach']
  const { wallMs, cpuMs, lines } = await cost(world, [LAUNCHER, ...words, '--', 'sleep', 'infinity'])
  const box = lines[0]?.trim() ?? ''
  const dir = join(currentPaths().boxes.runtime, box)
  return {
    ...{ node: 'host', words: [LAUNCHER, 'exec', box, '--'], box, dir, pasta: await pastaOf(lab, dir) },
    ...{ startMs: wallMs, startCpuMs: cpuMs },
    [Symbol.asyncDispose]: () => endBox(lab, box),
  }
}

export async function endBox(lab: Lab, box: string): Promise<void> {
  await stopBox(lab, box)
  await lab.run('host', [LAUNCHER, 'rm', box]).result
}

/** Its folder, with its logs, stays. */
export async function stopBox(lab: Lab, box: string, grace = '0s'): Promise<void> {
  await lab.run('host', [LAUNCHER, 'stop', '--grace', grace, box]).result
}

async function pastaOf(lab: Lab, dir: string): Promise<number> {
  const anchor = (await told(lab, 'host', ['cat', join(dir, 'gate')])).split(' ')[0]
  return Number(await told(lab, 'host', ['pgrep', '--full', `/proc/${anchor}/ns/net`]))
}

/** The load's program on a side: in a box by its path in the image. */
export const loadOn = (world: World, side: Side, words: readonly string[]): string[] => [
  ...side.words,
  ...[side.words.includes('exec') ? IN_BOX : world.load, ...words],
]
