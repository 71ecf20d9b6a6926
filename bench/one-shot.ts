import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Glovebox } from '../src/sdk.ts'
import { rawRuntime, removeTree } from './raw.ts'
import { median, type Row, readSamples } from './statistics.ts'

/** The same image of one layer for both sides: the raw runtime has no overlay to mount. */
const IMAGE = 'base'

/** A whole `glovebox run -- true` against `node -e 0` and the raw runtime one after the other. */
export async function oneShot(
  glovebox: Glovebox,
  measure: string,
  folder: string,
  runs: number,
): Promise<Row[]> {
  const dry = await glovebox.boxes.plan({ image: IMAGE, command: ['true'], terminal: false })
  const raw = rawRuntime(dry, folder)
  const launcher = join(import.meta.dirname, '..', 'bin', 'glovebox')
  try {
    // Commands are separated by --- in measure.c, as a command has its own --.
    const cases = [
      [process.execPath, '-e', '0'],
      raw.argv('bench'),
      [launcher, 'run', '--engine', 'container', '--', 'true'],
    ]
    spawnSync(launcher, ['run', '--image', IMAGE, '--', 'true'], { stdio: 'ignore' })
    const done = spawnSync(measure, [String(runs), ...cases.flatMap((words) => ['---', ...words])], {
      encoding: 'utf8',
      maxBuffer: 2 ** 24,
    })
    const [node, runtime, whole] = readSamples(done.stdout, 3)
    if (node === undefined || runtime === undefined || whole === undefined)
      throw new Error(`nothing was measured: ${done.stderr}`)
    // A start that fails is quick: with one among them the figures say nothing.
    if (runtime.failures > 0) throw new Error(`the raw runtime failed: ${raw.explain('bench')}`)
    if (node.failures + whole.failures > 0) throw new Error(`${whole.failures} starts of ${runs} failed`)
    const row = (name: string, of: 'wallMs' | 'cpuMs'): Row => {
      const [a, b, c] = [median(node[of]), median(runtime[of]), median(whole[of])]
      const detail = `${c.toFixed(1)} / (${a.toFixed(1)} + ${dry.plan.runtime.name} ${b.toFixed(1)}) ms`
      return { name, value: c / (a + b), most: 1.15, detail }
    }
    return [
      row('run -- true / (node -e 0 + raw runtime), wall', 'wallMs'),
      row('run -- true / (node -e 0 + raw runtime), CPU', 'cpuMs'),
    ]
  } finally {
    removeTree(dry, folder)
  }
}
