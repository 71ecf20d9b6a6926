import { join } from 'node:path'
import { CATALOGUE } from '../src/exam/catalogue/index.ts'
import { examine } from '../src/exam/examine.ts'
import { openStage } from '../src/exam/stage.ts'
import type { Subject } from '../src/exam/types.ts'
import { currentPaths, openPaths } from '../src/host/paths.ts'
import { guestPath } from '../src/host/view.ts'
import { DEFAULT_POLICY } from '../src/policy/default.ts'

// try-exam ENGINE|-- COMMAND… : for work on probes; PROBES=prefix,prefix chooses them.
const [first = 'container', ...rest] = process.argv.slice(2)
const paths = currentPaths()
openPaths(paths)
const glovebox = [join(import.meta.dirname, '../bin/glovebox')]
const subject: Subject =
  first === '--'
    ? { kind: 'foreign', name: rest[0] ?? '', argv: rest }
    : {
        ...{
          kind: 'engine',
          name: first,
          engine: first as 'container',
          image: 'base',
          policy: DEFAULT_POLICY,
        },
        ...{ glovebox, options: ['--engine', first] },
      }
const wanted = (process.env['PROBES'] ?? '').split(',')
const probes = CATALOGUE.filter((probe) => wanted.some((prefix) => probe.id.startsWith(prefix)))
await using stage = openStage({
  ...{ journals: join(paths.state, 'exams'), guest: guestPath(paths), glovebox },
  signal: new AbortController().signal,
})
const recordOf = () => ({ kind: subject.kind, name: subject.name, argv: [], tools: [], notes: [] })
const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const results = await examine(stage, probes, [subject], { recordOf })
for (const { findings, neverStarted, milliseconds } of results) {
  if (neverStarted !== undefined) say(neverStarted)
  for (const { probe, verdict, reason, controls, attempts, milliseconds } of findings) {
    const words = Object.entries(controls ?? {}).map(
      ([name, { state, evidence }]) => `${name}: ${state} (${evidence})`,
    )
    say(
      `${verdict.padEnd(14)} ${probe} (${milliseconds} ms) — ${reason}\n    ${words.join('\n    ')}\n    box: ${attempts.map((a) => `${a.reached} ${a.evidence}`).join(' | ')}`,
    )
  }
  say(`${findings.length} probes, ${milliseconds} ms`)
}
