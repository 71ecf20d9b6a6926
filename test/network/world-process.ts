import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { openSync, readdirSync, readFileSync, readlinkSync, watch, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { createInterface, type Interface } from 'node:readline'
import { type Answer, parseAnswer, questionBytes } from '../../src/lab/dns.ts'
import { Authority } from './authority.ts'
import type { AskOptions, FlowFiles, WorldCalls } from './world-types.ts'

/* Runs in a network namespace of its own: `world-process.ts RESOLVER POLICY-FILE`. What it may be asked for: WorldCalls. */
const [, , resolver = '', policyFile = ''] = process.argv
const AUTHORITY = '198.51.100.1'
const authority = await Authority.listen(AUTHORITY)
let child: ChildProcess
let lines: Interface
let nextId = 1

async function datagram(bytes: Buffer, address: string): Promise<Buffer | undefined> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  /* Longer than the resolver's own patience, so that "no answer" is its doing. */
  const timer = AbortSignal.timeout(20_000)
  try {
    socket.send(bytes, 53, address)
    const [reply] = (await once(socket, 'message', { signal: timer })) as [Buffer]
    return reply
  } catch (error) {
    if (timer.aborted) return undefined
    throw error
  } finally {
    socket.close()
  }
}

async function stream(bytes: Buffer, address: string): Promise<Buffer | undefined> {
  const socket = connect(53, address)
  socket.end(Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]))
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  const whole = Buffer.concat(parts)
  return whole.length > 2 ? whole.subarray(2) : undefined
}

async function ask(name: string, type: number, options: AskOptions): Promise<Answer | 'no answer'> {
  const edns = options.edns === undefined ? undefined : Buffer.from(options.edns, 'hex')
  const bytes = questionBytes(nextId++ & 0xffff, name, type, edns)
  const address = options.address ?? '127.0.0.1'
  const reply = await (options.transport === 'tcp' ? stream(bytes, address) : datagram(bytes, address))
  return reply === undefined ? 'no answer' : parseAnswer(reply)
}

function start(policy: string, words: readonly string[]): void {
  writeFileSync(policyFile, policy)
  const argv = [
    ...['--listen', '127.0.0.1', '--listen', '::1', '--upstream', AUTHORITY],
    ...['--policy-fd', '3', '--log-fd', '4', ...words],
  ]
  launch(argv)
}

function launch(argv: readonly string[]): void {
  writeFileSync(policyFile, '', { flag: 'a' })
  child = spawn(resolver, argv, {
    stdio: ['ignore', 'inherit', 'inherit', openSync(policyFile, 'r'), 'pipe'],
  })
  const log = child.stdio[4] as NodeJS.ReadableStream
  lines = createInterface({ input: log })
  lines.on('line', (line) => process.send?.({ log: JSON.parse(line) }))
}

/** Two programs with a log each. */
function startBoth(pair: string, policy: string, flowWords: readonly string[]): void {
  writeFileSync(policyFile, policy)
  const argv = [
    ...[resolver, '--listen', '127.0.0.1', '--upstream', AUTHORITY, '--policy-fd', '3', '--log-fd', '4'],
    ...['--names-fd', '20', '--', 'flows', '--log-fd', '5', '--group', '7', '--names-fd', '21', ...flowWords],
  ]
  child = spawn(pair, argv, {
    stdio: ['ignore', 'inherit', 'inherit', openSync(policyFile, 'r'), 'pipe', 'pipe'],
  })
  for (const at of [4, 5])
    createInterface({ input: child.stdio[at] as NodeJS.ReadableStream }).on('line', (line) =>
      process.send?.({ log: JSON.parse(line) }),
    )
}

async function startFlowsInto({ halves, copy }: FlowFiles, words: readonly string[]): Promise<void> {
  const files = [...halves, ...(copy === undefined ? [] : [copy])].map((path) => openSync(path, 'a+'))
  const argv = [
    ...['flows', '--ready-fd', '3', '--log-fd', '4', '--log-other-fd', '5', '--group', '7'],
    ...(copy === undefined ? words : ['--copy-fd', '6', ...words]),
  ]
  child = spawn(resolver, argv, { stdio: ['ignore', 'inherit', 'inherit', 'pipe', ...files] })
  await Promise.race([
    once(child.stdio[3] as NodeJS.ReadableStream, 'data'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the log of flows ended with ${code}`))),
  ])
}

async function askAndSend(names: readonly string[], port: number): Promise<number> {
  const socket = createSocket('udp4')
  const queue = [...names]
  let answered = 0
  const work = async (): Promise<void> => {
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      const answer = await ask(name, 1, {})
      const address = answer === 'no answer' ? undefined : answer.records.at(-1)?.data
      if (address === undefined) continue
      await new Promise((resolve) => socket.send('x', port, address, resolve))
      answered++
    }
  }
  await Promise.all(Array.from({ length: 16 }, work))
  socket.close()
  return answered
}

/** Its file has begun once it listens. */
async function startCapture(file: string, words: readonly string[]): Promise<void> {
  const argv = ['capture', '--fd', '3', '--interface', 'lo', ...words]
  const begun = new Promise<void>((resolve) => {
    const watcher = watch(file, () => {
      watcher.close()
      resolve()
    })
  })
  child = spawn(resolver, argv, { stdio: ['ignore', 'inherit', 'inherit', openSync(file, 'a')] })
  await begun
}

async function connectAndSend(bytes: number): Promise<number> {
  const server = createServer((socket) => socket.pipe(socket))
  await once(server.listen(0, AUTHORITY), 'listening')
  const socket = connect((server.address() as { port: number }).port, AUTHORITY)
  await once(socket, 'connect')
  socket.write(Buffer.alloc(bytes))
  for (let left = bytes; left > 0; ) left -= ((await once(socket, 'data')) as [Buffer])[0].length
  return socket.localPort ?? 0
}

async function sendDatagrams(ports: readonly number[]): Promise<number> {
  const socket = createSocket('udp4')
  const send = (port: number): Promise<number> =>
    new Promise((resolve) => socket.send('x', port, AUTHORITY, (error) => resolve(error ? 0 : 1)))
  let taken = 0
  for (const port of ports) taken += await send(port)
  socket.close()
  return taken
}

async function deliver(count: number): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, AUTHORITY)
  await once(socket, 'listening')
  const { port } = socket.address()
  for (let i = 0; i < count; i++) {
    const received = once(socket, 'message')
    socket.send(String(i), port, AUTHORITY)
    await received
  }
  socket.close()
  return port
}

function run(words: readonly string[]): string {
  const [program = '', ...rest] = words
  const done = spawnSync(program, rest, { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
  return done.stdout
}

/** proc(5), /proc/PID/syscall: epoll_wait(2) with the patience that it has at its end only (native/resolver/flow_main.c). */
async function untilItWaitsForItsReader(): Promise<void> {
  const lastWaitMs = '0x2710'
  while (readFileSync(`/proc/${child.pid}/syscall`, 'utf8').split(' ')[4] !== lastWaitMs)
    await new Promise(setImmediate)
}

const calls: WorldCalls = {
  zone: (zones) => {
    authority.zones = zones
  },
  asked: () => authority.asked.splice(0),
  ask,
  raw: async (bytes) => (await datagram(Buffer.from(bytes, 'hex'), '127.0.0.1'))?.toString('hex') ?? '',
  nft: (...words) => run(['nft', ...words]),
  run: (...words) => run(words),
  startFlows: () => launch(['flows', '--log-fd', '4', '--group', '7', '--receive-bytes', '65536']),
  startFlowsInto,
  startBoth,
  askAndSend,
  startCapture,
  signal: (signal) => void child.kill(signal),
  connect: connectAndSend,
  datagrams: sendDatagrams,
  deliver,
  policy: (text) => {
    writeFileSync(policyFile, text)
    child.kill('SIGHUP')
  },
  start,
  status: (name) =>
    new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? '',
  openFiles: () =>
    readdirSync(`/proc/${child.pid}/fd`).map((fd) => readlinkSync(`/proc/${child.pid}/fd/${fd}`)),
  stop: async (signal) => {
    child.kill(signal)
    const [code, by] = (await once(child, 'exit')) as [number | null, string | null]
    return code ?? by ?? ''
  },
  stopUnread: async () => {
    lines.pause()
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await untilItWaitsForItsReader()
    lines.resume()
    return ((await ended) as [number | null])[0] ?? ''
  },
}

process.on('message', (call: { id: number; name: keyof WorldCalls; words: readonly unknown[] }) => {
  void (async (): Promise<void> => {
    try {
      const method = calls[call.name] as (...words: readonly unknown[]) => unknown
      process.send?.({ id: call.id, value: await method(...call.words) })
    } catch (error) {
      process.send?.({ id: call.id, error: String(error) })
    }
  })()
})
process.send?.({ ready: true })
