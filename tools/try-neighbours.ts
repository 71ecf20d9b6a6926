import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openStage } from '../src/exam/stage.ts'
import { currentPaths, openPaths } from '../src/host/paths.ts'
import { guestPath } from '../src/host/view.ts'
import type { EngineName } from '../src/plan/types.ts'
import { measureNeighbours } from '../src/price/neighbours.ts'
import { limitedSubject } from '../src/price/neighbours-limits.ts'
import type { Stress } from '../src/price/result-types.ts'
import { neighboursReport } from '../src/report/neighbours.ts'
import { PLAIN } from '../src/report/wrap.ts'

// try-neighbours [ENGINE…]: for work on neighbours. STRESSES=cpu,fork chooses them, FULL=1 takes more windows, JSON=FILE keeps the result.
const paths = currentPaths()
openPaths(paths)
const glovebox = [join(import.meta.dirname, '../bin/glovebox')]
const { STRESSES: chosen, FULL: full, JSON: file } = process.env
await using stage = openStage({
  ...{ journals: join(paths.state, 'exams'), guest: guestPath(paths), glovebox },
  signal: new AbortController().signal,
})
const subjects = process.argv.slice(2).map((name) => limitedSubject(name as EngineName, 'base', glovebox))
const result = await measureNeighbours(stage, subjects, {
  quick: full === undefined,
  signal: new AbortController().signal,
  onStep: (side, what) => process.stderr.write(`${side}: ${what}\n`),
  ...(chosen === undefined ? {} : { stresses: chosen.split(',') as Stress[] }),
})
if (file !== undefined) writeFileSync(file, `${JSON.stringify(result, undefined, 1)}\n`)
process.stdout.write(`${neighboursReport(result, PLAIN)}\n`)
