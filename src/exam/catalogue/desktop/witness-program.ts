import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { startProgram } from '../../../host/program.ts'

/** Milliseconds for a program to say that it is there, and to end when it is told to. */
const START_MS = 20_000
const END_MS = 3000

/** A program of the distribution that stands for a part of a user's desktop. It ends with this process, whatever ends that. */
export interface WitnessProgram extends AsyncDisposable {
  readonly child: ChildProcess
}

/**
 * Starts it and waits for its first output, by which all of these say that they listen.
 * @throws Error with its own words where it ends or says nothing
 */
export async function startWitness(argv: readonly [string, ...string[]]): Promise<WitnessProgram> {
  const child = startProgram(argv)
  let words = ''
  const closed = once(child, 'close').catch(() => undefined)
  child.stdin?.on('error', () => undefined)
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-1000)
  })
  const witness = { child, [Symbol.asyncDispose]: () => endProgram(child, closed) }
  let timer: NodeJS.Timeout | undefined
  const spoken = new Promise<boolean>((resolve) => {
    child.stdout?.once('data', () => resolve(true)).resume()
    timer = setTimeout(() => resolve(false), START_MS)
  })
  const up = await Promise.race([spoken, closed.then(() => false)])
  clearTimeout(timer)
  if (up) return witness
  await witness[Symbol.asyncDispose]()
  throw new Error(`${argv[0]} did not start: ${words.trim() || 'it said nothing'}`)
}

async function endProgram(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
  await closed
  clearTimeout(timer)
}
