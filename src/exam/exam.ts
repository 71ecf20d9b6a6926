import { randomBytes } from 'node:crypto'
import { readyBoxParts } from '../box/boxes.ts'
import type { BoxContext } from '../box/context.ts'
import { GloveboxError } from '../errors.ts'
import { VERSION } from '../host/build-info.ts'
import type { OnProgress } from '../image/types.ts'
import { examine, type OnFinding } from './examine.ts'
import { examFolders } from './folders.ts'
import type { ForeignLine } from './foreign.ts'
import { foreignFromLine } from './foreign-parts.ts'
import { hostRecord, recordWithoutParts, subjectRecord } from './record.ts'
import type { ExamResult, SubjectRecord } from './result-types.ts'
import { openStage } from './stage.ts'
import { ownCommand } from './subject.ts'
import type { EngineSubject, Probe, Subject } from './types.ts'

export interface ExamAsk {
  readonly probes: readonly Probe[]
  /** What was asked for with --only; `all` of the catalogue. */
  readonly only: readonly string[] | 'all'
  readonly subjects: readonly (Subject | ForeignLine)[]
  readonly signal: AbortSignal
  readonly onProgress: OnProgress
  readonly onFinding: OnFinding
}

/**
 * Holds an exam: plants, asks, judges, and removes what was planted.
 *
 * @throws GloveboxError what a start of a box refuses, of the only subject; the signal's reason once it is aborted
 */
export async function holdExam(context: BoxContext, ask: ExamAsk): Promise<ExamResult> {
  const { probes, only, signal } = ask
  context.checkPrograms()
  const startedAt = new Date().toISOString()
  await using stage = openStage({
    journals: examFolders(context.paths.state).journals,
    guest: context.guest,
    glovebox: ownCommand(),
    signal,
  })
  const subjects: Subject[] = []
  for (const one of ask.subjects) subjects.push('kind' in one ? one : await foreignFromLine(stage, one))
  const cannot = new Map<Subject, string>()
  const records = new Map<Subject, SubjectRecord>()
  for (const subject of subjects)
    try {
      if (subject.kind === 'engine') await readyParts(context, subject, ask.onProgress)
      records.set(subject, await subjectRecord(context, subject))
    } catch (error) {
      // Of several, one that this machine cannot start does not keep the others from being examined.
      if (subjects.length === 1 || !(error instanceof GloveboxError)) throw error
      cannot.set(subject, error.message)
    }
  const results = await examine(stage, probes, subjects, {
    recordOf: (subject) => records.get(subject) ?? recordWithoutParts(subject),
    ...{ cannot, onFinding: ask.onFinding },
  })
  return {
    version: 1,
    id: randomBytes(6).toString('hex'),
    startedAt,
    endedAt: new Date().toISOString(),
    glovebox: VERSION,
    host: hostRecord(),
    only,
    subjects: results,
  }
}

/** What takes minutes the first time is made before the clock of a probe runs. */
function readyParts(context: BoxContext, subject: EngineSubject, onProgress: OnProgress): Promise<void> {
  const { engine, image, policy } = subject
  return readyBoxParts(context, { engine, image, policy }, { onProgress, onNotice: () => undefined })
}
