import { spawn } from 'node:child_process'
import type { Glovebox } from '../src/sdk.ts'
import { rawRuntime, removeTree } from './raw.ts'
import { median, type Row } from './statistics.ts'

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

function rawOnce(argv: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0] as string, argv.slice(1), { stdio: 'ignore' })
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`the raw runtime ended with ${code}`)),
    )
  })
}

/** From the SDK in a warm process, against the raw runtime spawned by the same process. */
export async function warm(glovebox: Glovebox, folder: string, runs: number): Promise<Row[]> {
  const dry = await glovebox.boxes.plan({ image: 'base', command: ['true'], terminal: false })
  const raw = rawRuntime(dry, folder)
  const ours: number[] = []
  const theirs: number[] = []
  try {
    for (let run = -2; run < runs; run++) {
      const start = nowMs()
      await rawOnce(raw.argv(`warm${run + 2}`))
      const between = nowMs()
      const { main } = await glovebox.boxes.start({ image: 'base', command: ['true'] })
      main.stdin.end()
      await main.result()
      if (run < 0) continue
      theirs.push(between - start)
      ours.push(nowMs() - between)
    }
  } finally {
    removeTree(dry, folder)
  }
  const detail = `${median(ours).toFixed(1)} / ${median(theirs).toFixed(1)} ms`
  return [
    {
      name: 'a command from the SDK / raw runtime, wall',
      value: median(ours) / median(theirs),
      most: 1.2,
      detail,
    },
  ]
}
