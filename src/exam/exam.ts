import { randomBytes } from 'node:crypto'
import { readyBoxParts } from '../box/boxes.ts'
import type { BoxContext } from '../box/context.ts'
import { VERSION } from '../host/build-info.ts'
import type { OnProgress } from '../image/types.ts'
import { examine, type OnFinding } from './examine.ts'
import { examFolders } from './folders.ts'
import type { ForeignLine } from './foreign.ts'
import { foreignFromLine } from './foreign-parts.ts'
import { hostRecord, subjectRecord } from './record.ts'
import type { ExamResult } from './result-types.ts'
import { openStage } from './stage.ts'
import { ownCommand } from './subject.ts'
import type { Probe, Subject } from './types.ts'

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
 * @throws GloveboxError what a start of a box refuses; the signal's reason once it is aborted
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
  for (const subject of subjects) {
    // What takes minutes the first time is made before the clock of a probe runs.
    if (subject.kind !== 'engine') continue
    const { engine, image, policy } = subject
    await readyBoxParts(
      context,
      { engine, image, policy },
      { onProgress: ask.onProgress, onNotice: () => undefined },
    )
  }
  const record = (subject: Subject) => subjectRecord(context, subject)
  const results = await examine(stage, probes, subjects, record, ask.onFinding)
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
