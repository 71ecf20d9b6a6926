import { type BoxFolders, type BoxRecord, listFolders, liveness, readExitCode, readRecord } from './state.ts'
import type { BoxSummary } from './types.ts'

export function summarize(dir: string, record: BoxRecord): BoxSummary {
  const { plan } = record
  const state = liveness(dir, record)
  return {
    id: plan.box.id,
    name: plan.box.name,
    state: state === 'ended' ? (record.kept ? 'kept' : 'exited') : state,
    engine: plan.engine,
    image: plan.image.ref,
    command: plan.process.args,
    startedAt: new Date(record.createdAtMs).toISOString(),
    exitCode: state === 'ended' ? readExitCode(dir) : undefined,
  }
}

/** Every box there is, running or kept, the newest first. */
export function listBoxes(folders: BoxFolders): BoxSummary[] {
  return listFolders(folders)
    .flatMap((dir) => {
      const record = readRecord(dir)
      return record === undefined ? [] : [summarize(dir, record)]
    })
    .sort((a, b) => (b.startedAt ?? '').localeCompare(a.startedAt ?? ''))
}
