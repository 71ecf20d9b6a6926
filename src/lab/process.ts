import { runNode } from './node-process.ts'
import { runWorld } from './world-process.ts'

// process.ts world | node: what startLab() runs (start.ts).
const [program, self, role] = process.argv
if (role === 'node') await runNode()
else await runWorld([program ?? '', ...process.execArgv, self ?? '', 'node'])
