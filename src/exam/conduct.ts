import type { BoxContext } from '../box/context.ts'
import { GloveboxError } from '../errors.ts'
import type { OnProgress } from '../image/types.ts'
import type { EngineName } from '../plan/types.ts'
import { DEFAULT_POLICY } from '../policy/default.ts'
import type { Policy } from '../policy/types.ts'
import { chooseProbes } from './choose.ts'
import { holdExam } from './exam.ts'
import type { OnFinding } from './examine.ts'
import { examFolders } from './folders.ts'
import { FOREIGN, type ForeignLine } from './foreign.ts'
import { isFor } from './foreign-choice.ts'
import type { ExamResult } from './result-types.ts'
import { keepResult } from './results.ts'
import { selfTest } from './self-test.ts'
import { engineSubject, foreignSubject, ownCommand } from './subject.ts'
import type { Subject } from './types.ts'

export interface ExamOptions {
  readonly engines?: readonly EngineName[]
  readonly image?: string
  readonly policy?: Policy
  /** Options of `glovebox run` that say that policy; the subject is started by the command line, as a user starts it. */
  readonly policyOptions?: readonly string[]
  /** A command line of another sandbox, with `{}` where the probe program goes. */
  readonly command?: readonly string[]
  /** Names of ready lines, or `all` that are installed here. */
  readonly foreign?: readonly string[]
  /** Assets, ids or numbers; the whole catalogue where absent. */
  readonly only?: readonly string[]
  /** Examines the exam: a box with every hole open, and one that never starts. */
  readonly selfTest?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
  readonly onFinding?: OnFinding
}

/** Chooses subjects and probes, holds the exam, and keeps its result. See `Exams.hold` of the SDK. */
export async function conductExam(context: BoxContext, options: ExamOptions): Promise<ExamResult> {
  const { only = [], onProgress = () => undefined, onFinding = () => undefined } = options
  const signal = options.signal ?? new AbortController().signal
  const subjects = options.selfTest ? selfTest() : subjectsOf(options)
  const result = await holdExam(context, {
    ...{ subjects, signal, onProgress, onFinding, probes: chooseProbes(only) },
    only: only.length === 0 ? 'all' : only,
  })
  keepResult(examFolders(context.paths.state).results, result)
  return result
}

function subjectsOf(options: ExamOptions): (Subject | ForeignLine)[] {
  const { engines = [], foreign = [], command = [], policyOptions = [] } = options
  const { image = 'base', policy = DEFAULT_POLICY } = options
  const asked = engines.length + foreign.length + command.length === 0 ? (['container'] as const) : engines
  return [
    ...asked.map((engine) => engineSubject({ engine, image, policy, policyOptions, glovebox: ownCommand() })),
    ...foreign.flatMap(linesOf),
    ...(command.length === 0 ? [] : [foreignSubject(command)]),
  ]
}

function linesOf(name: string): ForeignLine[] {
  const uid = process.getuid?.() ?? 0
  if (name === 'all') return FOREIGN.filter((line) => isFor(line, uid))
  const found = FOREIGN.filter((line) => line.name === name)
  if (found.length > 0) return found
  throw new GloveboxError({
    code: 'UNKNOWN_SANDBOX',
    audience: 'usage',
    message: `Cannot examine ${JSON.stringify(name)}: there is no ready line of this name.`,
    remedy: `Choose from ${FOREIGN.map((line) => line.name).join(', ')}, or give a command line behind --`,
  })
}
