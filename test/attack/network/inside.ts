import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Gate } from '../../../src/box/gate.ts'
import { LINK } from '../../../src/plan/link.ts'
import type { Boxes } from '../../lan/networked.ts'

const program = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8')

/** Runs a program in the network namespace of this process, as root over it: what a guest's own kernel could do, or see. */
export function inNetwork(pid: number, argv: readonly string[]): ChildProcess {
  const enter = ['--target', String(pid), '--user', '--net', '--setuid', '0', '--setgid', '0', '--']
  return spawn('nsenter', [...enter, ...argv], { stdio: ['pipe', 'pipe', 'inherit'] })
}

/** A process of the box's, as this machine numbers it. */
export async function processIn(boxes: Boxes, box: string): Promise<number> {
  const words = ['exec', box, '--', 'readlink', '/proc/self/ns/net']
  const { stdout } = await boxes.glovebox(...words).result
  const own = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && networkOf(pid) === stdout.trim())
  if (own === undefined) throw new Error(`no process is in the network of the box: ${stdout}`)
  return Number(own)
}

function networkOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return undefined
  }
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0) throw new Error(`a program in a network ended with ${code}: ${text.slice(0, 200)}`)
  return text
}

/** Sends frames as the box's kernel. */
export async function inject(pid: number, frames: readonly Buffer[]): Promise<void> {
  const child = inNetwork(pid, ['perl', '-e', program('inject.pl'), LINK.box.interface])
  child.stdin?.end(frames.map((frame) => `${frame.toString('hex')}\n`).join(''))
  await outputOf(child)
}

/** What leaves the gate towards the machine while `work` is done, of which the last has `last` in it. */
export async function leaving(gate: Gate, last: string, work: () => Promise<void>): Promise<Buffer[]> {
  const child = inNetwork(gate.anchor.pid, [
    ...['timeout', '30', 'perl', '-e', program('outward.pl')],
    ...[LINK.outward.interface, last],
  ])
  child.stdin?.end()
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  const output = outputOf(child)
  await work()
  return (await output)
    .trim()
    .split('\n')
    .map((line) => Buffer.from(line, 'hex'))
}

/** Addresses on the box's link that the gate's kernel keeps a place for. */
export async function neighbours(gate: Gate, ip: string): Promise<string[]> {
  const child = inNetwork(gate.anchor.pid, [ip, 'neigh', 'show', 'dev', LINK.gate.interface])
  child.stdin?.end()
  return (await outputOf(child)).split('\n').filter((line) => line !== '')
}
