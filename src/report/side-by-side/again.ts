import { ENGINES } from '../../engine/index.ts'
import type { SubjectRecord } from '../../exam/result-types.ts'
import type { Comparison } from '../../price/comparison-types.ts'
import { commandLine } from '../words.ts'

/**
 * The command lines that make a comparison again. One where both parts were asked alike; else an exam, a price, and the two side by
 * side, as the parts of this one were.
 */
export function againLines(comparison: Comparison, file: string): string[] {
  const { exam, price } = comparison
  const engines = exam.subjects.flatMap(({ subject }) => subject.engine ?? [])
  const measured = price.sides.map(({ subject }) => subject.engine)
  const foreign = exam.subjects.flatMap(({ subject }) => (subject.kind === 'foreign' ? [subject.name] : []))
  const policy = imageAndPolicy(price.sides[0]?.subject ?? exam.subjects[0]?.subject)
  const asked = [
    ...(foreign.length === 0 ? [] : ['--foreign', foreign.join(',')]),
    ...(exam.only === 'all' ? [] : ['--only', exam.only.join(',')]),
  ]
  const how = [
    ...(price.quick ? ['--quick'] : []),
    ...(price.neighbours === undefined ? [] : ['--neighbours']),
  ]
  const line = (...argv: readonly string[]) => commandLine({ argv: ['glovebox', ...argv] })
  const { command } = price
  if (command === undefined && engines.join() === measured.join())
    return [line('compare', ...named(engines, []), ...asked, ...how, ...policy, '--markdown', file)]
  const onHost = price.sides.some(({ figures }) =>
    figures.some((one) => one.metric === 'command' && one.state === 'measured' && one.bare !== undefined),
  )
  const behind = command === undefined ? [] : [...(onHost ? ['--trust'] : []), '--', ...command]
  return [
    `${line('exam', ...named(engines), ...asked, ...policy, '--json')} > exam.json`,
    `${line('price', ...named(measured), ...how, ...policy, '--json', ...behind)} > price.json`,
    line('compare', '--exam', 'exam.json', '--price', 'price.json', '--markdown', file),
  ]
}

/** All of them are one word, or none where that is what is taken by itself. */
function named(engines: readonly string[], all: readonly string[] = ['--engine', 'all']): readonly string[] {
  const isAll = Object.keys(ENGINES).every((name) => engines.includes(name))
  return isAll ? all : engines.flatMap((engine) => ['--engine', engine])
}

/** Words of a record's command line that say what is run, not under which image and policy. */
const START = ['glovebox', 'run']

/** What stands between `glovebox run` and the program, without the engine. */
function imageAndPolicy(record: SubjectRecord | undefined): string[] {
  if (record?.kind !== 'engine') return []
  const end = record.argv.indexOf('--')
  const words = record.argv.slice(START.length, end < 0 ? undefined : end)
  return words.filter((word, at) => word !== '--engine' && words[at - 1] !== '--engine')
}
