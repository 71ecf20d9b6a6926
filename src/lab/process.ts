import { runNode } from './node-process.ts'
import { runWorld } from './world-process.ts'

// process.ts world [WITNESS] | node: what startLab() runs (start.ts).
const [program, self, role, witness] = process.argv
const running =
  role === 'node' ? runNode() : runWorld([program ?? '', ...process.execArgv, self ?? '', 'node'], witness)
running.catch((error: unknown) => {
  process.stderr.write(`glovebox lab: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
