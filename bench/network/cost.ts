import type { Lab } from '../../src/lab/start.ts'

export interface Cost {
  readonly wallMs: number
  /** Of the whole tree of processes, those that go on in the background up to then. */
  readonly cpuMs: number
  /** What it printed. */
  readonly lines: readonly string[]
}

/** A command in the lab's host, from its exec to its end, by bench/watch.c. */
export async function cost(
  { lab, watch }: { readonly lab: Lab; readonly watch: string },
  argv: readonly string[],
): Promise<Cost> {
  const { stdout, stderr } = await lab.run('host', [watch, '60', ...argv]).result
  const [, wall, cpu, code] = /^end (\d+) (-?\d+) (\d+)/m.exec(stdout) ?? []
  if (code !== '0') throw new Error(`${argv.join(' ')} printed: ${stdout}${stderr}`)
  const lines = [...stdout.matchAll(/^line \d+ -?\d+ (.*)$/gm)].map(([, text = '']) => text)
  return { wallMs: Number(wall) / 1e6, cpuMs: Number(cpu) / 1e6, lines }
}
