import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { type Bench, folderOf, openBench, PEOPLE, type Person, run, Session } from './program.ts'

let bench: Bench
/** What the kernel offers; 0 is none, and 1 is not used (landlock.c says why). */
let abi: number
before(async () => {
  bench = await openBench()
  const printed = (await run([bench.guest, 'landlock'])).stdout.toString()
  assert.match(printed, /^\d+\n$/)
  abi = Number(printed)
})
after(() => bench[Symbol.asyncDispose]())

/** Something of the person's own that the command must not reach, and its name for the script, "$1". */
type Outside = (person: Person) => Promise<{ readonly name: string; readonly close: () => Promise<unknown> }>

const nothing: Outside = async () => ({ name: '', close: async () => undefined })

const aProcess: Outside = async (person) => {
  const session = new Session(['sh', '-c', 'echo ready; exec sleep infinity'], { person })
  await session.until('ready\n')
  const ended = session.ended()
  const close = (): Promise<unknown> => {
    session.process.kill('SIGKILL')
    return ended
  }
  return { name: String(session.process.pid), close }
}

async function listen(
  server: Server,
  where: { path: string } | { port: number; host: string },
): Promise<void> {
  await once(server.listen(where), 'listening')
}

const anAbstractSocket: Outside = async () => {
  const name = `glovebox-test-${crypto.randomUUID()}`
  const server = createServer((socket) => socket.end())
  await listen(server, { path: `\0${name}` })
  return { name, close: async () => server.close() }
}

const aLoopbackPort: Outside = async () => {
  const server = createServer((socket) => socket.end())
  await listen(server, { port: 0, host: '127.0.0.1' })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { name: String(address.port), close: async () => server.close() }
}

const connect = (where: string): readonly string[] => [
  process.execPath,
  '-e',
  `require('node:net').connect(${where}).once('error', () => process.exit(1)).once('connect', () => process.exit(0))`,
]
const sh = (script: string): readonly string[] => ['sh', '-c', script, 'sh']
const AS_ROOT_OF_NAMESPACES = ['unshare', '--user', '--map-root-user', '--mount']

interface Claim {
  readonly claim: string
  readonly within?: readonly string[]
  readonly outside?: Outside
  readonly command: readonly string[]
  /** The verbs that refuse it, and the ABI from which on they do. */
  readonly refusedBy: readonly ('init' | 'exec')[]
  readonly since?: number
}

const CLAIMS: readonly Claim[] = [
  {
    claim: 'making a device node',
    command: sh('mknod whiteout c 0 0'),
    refusedBy: ['init', 'exec'],
    since: 2,
  },
  {
    claim: 'mounting',
    within: AS_ROOT_OF_NAMESPACES,
    command: sh('mount -t tmpfs none .'),
    refusedBy: ['init', 'exec'],
    since: 2,
  },
  {
    claim: 'changing a mount',
    within: AS_ROOT_OF_NAMESPACES,
    command: sh('mount --make-rprivate /'),
    refusedBy: ['init', 'exec'],
    since: 2,
  },
  {
    claim: 'entering the root folder of a process outside',
    outside: aProcess,
    command: sh('ls /proc/$1/root/'),
    refusedBy: ['init', 'exec'],
    since: 2,
  },
  {
    claim: 'signalling a process outside',
    outside: aProcess,
    command: sh('kill -0 $1'),
    refusedBy: ['init'], // a process that joins a box must reach those that are there
    since: 6,
  },
  {
    claim: 'connecting to an abstract socket outside',
    outside: anAbstractSocket,
    command: connect("'\\0' + process.argv[1]"),
    refusedBy: ['init'],
    since: 6,
  },
  {
    claim: 'connecting to a port of the loopback',
    outside: aLoopbackPort,
    command: connect("{ port: Number(process.argv[1]), host: '127.0.0.1' }"),
    refusedBy: [],
  },
  {
    claim: 'moving and linking files between folders',
    command: sh('mkdir a b; >a/f; mv a/f b/f && ln b/f a/f'),
    refusedBy: [],
  },
  { claim: 'making a fifo', command: sh('mkfifo fifo'), refusedBy: [] },
  { claim: 'signalling its own processes', command: sh('sleep infinity & kill -KILL $!'), refusedBy: [] },
]

for (const person of PEOPLE)
  describe(`with Landlock, run by ${person.name}`, () => {
    for (const verb of ['init', 'exec'] as const)
      for (const { claim, within = [], outside = nothing, command, refusedBy, since = 0 } of CLAIMS)
        test(`${verb} ${refusedBy.includes(verb) ? 'refuses' : 'allows'} ${claim}`, async () => {
          const there = await outside(person)
          const attempt = async (flags: readonly string[]): Promise<boolean> => {
            const cwd = await folderOf(person, bench.root)
            const argv = [...within, bench.guest, verb, ...flags, '--', ...command, there.name]
            return (await run(argv, { person, cwd })).code === 0
          }
          const outcome = { control: await attempt(['--landlock=off']), walled: await attempt([]) }
          await there.close()
          assert.deepEqual(outcome, { control: true, walled: !(refusedBy.includes(verb) && abi >= since) })
        })

    test('what sets no_new_privs is Landlock alone', async () => {
      const privileges = async (flags: readonly string[]): Promise<string> => {
        const show = ['grep', '^NoNewPrivs', '/proc/self/status']
        return (await run([bench.guest, 'exec', ...flags, '--', ...show], { person })).stdout.toString()
      }
      const control = (await run(['grep', '^NoNewPrivs', '/proc/self/status'], { person })).stdout.toString()
      assert.equal(await privileges(['--landlock=off']), control)
      if (abi >= 2) assert.equal(await privileges([]), 'NoNewPrivs:\t1\n')
    })
  })
