import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { compile } from './compile.ts'

/** When, from the exec on, and for how much CPU of the whole tree of processes. */
export interface Mark {
  readonly wallMs: number
  /** NaN before the end where the kernel counts for nobody but root: then it is wait4's, at the end. */
  readonly cpuMs: number
}

export interface Line extends Mark {
  readonly text: string
}

/** One command, watched from its exec to its end. */
export interface Run {
  readonly lines: readonly Line[]
  readonly end: Mark
  readonly exitCode: number
  /** Killed at its deadline. */
  readonly hung: boolean
}

const HUNG = 124
const markOf = (wall: string, cpu: string): Mark => ({
  wallMs: Number(wall) / 1e6,
  cpuMs: Number(cpu) < 0 ? Number.NaN : Number(cpu) / 1e6,
})

/** Runs commands by bench/watch.c. */
export class Watch {
  readonly #program: string

  constructor(folder: string) {
    this.#program = compile(join(import.meta.dirname, 'watch.c'), join(folder, 'watch'))
  }

  /** @param deadlineSeconds after which the command is killed, and has hung */
  async run(
    argv: readonly string[],
    deadlineSeconds: number,
    environment: NodeJS.ProcessEnv = process.env,
  ): Promise<Run> {
    const child = spawn(this.#program, [String(deadlineSeconds), ...argv], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: environment,
    })
    const lines: Line[] = []
    let run: Run | undefined
    for await (const row of createInterface({ input: child.stdout })) {
      const [kind, wall = '', cpu = '', ...rest] = row.split(' ')
      if (kind === 'line') lines.push({ ...markOf(wall, cpu), text: rest.join(' ') })
      if (kind !== 'end') continue
      const exitCode = Number(rest[0])
      run = { lines, end: markOf(wall, cpu), exitCode, hung: exitCode === HUNG }
    }
    if (run === undefined) throw new Error(`watch said nothing of the end of: ${argv.join(' ')}`)
    return run
  }
}
