import { once } from 'node:events'
import { startProgram } from '../../../host/program.ts'
import type { Scene } from '../../scene.ts'
import { inOneLine } from '../../sightings.ts'

/** A process of the same user on the host that holds a nonce, or that is told when something reaches it. */
export interface HostWitness extends AsyncDisposable {
  readonly pid: number
  /** The words behind `ready`. */
  readonly words: readonly string[]
  /** Says a line and waits until it comes back: what was written before has been read then. */
  echo(line: string): Promise<void>
  /** How many of its lines were this one. */
  count(line: string): number
}

/**
 * Starts a verb of the probe program on the host (guest/probe/process_witness.c, process_objects.c). The nonce goes in by standard
 * input: it is nowhere in a command line.
 *
 * @throws Error with its own words where it does not come up
 */
export async function startHostWitness(
  scene: Scene,
  verb: string,
  words: readonly string[],
  nonce: string,
  env: Readonly<Record<string, string>> = {},
): Promise<HostWitness> {
  const child = startProgram([scene.program, 'probe', verb, ...words], { env })
  const lines: string[] = []
  let wake: () => void = () => undefined
  let over = false
  let partial = ''
  child.stdin?.on('error', () => undefined)
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const pieces = (partial + text).split('\n')
    partial = pieces.pop() ?? ''
    lines.push(...pieces)
    wake()
  })
  const closed = once(child, 'close').then(() => {
    over = true
    wake()
  })
  const until = async (found: () => boolean): Promise<void> => {
    while (!found() && !over)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  child.stdin?.write(`${nonce}\n`)
  const ready = (): string | undefined => lines.find((line) => line === 'ready' || line.startsWith('ready '))
  await until(() => ready() !== undefined)
  const first = ready()
  if (first === undefined) throw new Error(`the witness ${verb} did not start: ${inOneLine(lines.join(' '))}`)
  return {
    pid: child.pid ?? 0,
    words: first.split(' ').slice(1),
    echo: async (line) => {
      child.stdin?.write(`${line}\n`)
      await until(() => lines.includes(line))
    },
    count: (line) => lines.filter((one) => one === line).length,
    [Symbol.asyncDispose]: async () => {
      child.stdin?.end()
      await closed
    },
  }
}
