import { setTimeout as wait } from 'node:timers/promises'
import { SharedSessions } from './controls.ts'
import { boxPlace } from './place.ts'
import type { Controls, Finding, SubjectRecord, SubjectResult } from './result-types.ts'
import { runProbe, type Sitting } from './run-probe.ts'
import { SessionLost } from './session.ts'
import type { Stage } from './stage.ts'
import type { Probe, Subject } from './types.ts'
import { judge } from './verdict.ts'

/** Probes at a time; each waits more than it works. */
const AT_ONCE = 8

/** Ctrl-C goes to the sandboxes as well (tty_ioctl(4), kill(2) of a group): their end may be heard of before it. */
const STOP_HEARD_MS = 50

export type OnFinding = (subject: Subject, finding: Finding, done: number, all: number) => void

export interface ExamineOptions {
  readonly recordOf: (subject: Subject) => SubjectRecord
  /** Those of which it is known already that they cannot start here, and why. */
  readonly cannot?: ReadonlyMap<Subject, string>
  readonly onFinding?: OnFinding
}

/** Examines subjects, one after the other: they would be each other's noisy neighbours. */
export async function examine(
  stage: Stage,
  probes: readonly Probe[],
  subjects: readonly Subject[],
  { recordOf, cannot = new Map(), onFinding = () => undefined }: ExamineOptions,
): Promise<SubjectResult[]> {
  await using outside = new SharedSessions()
  const controls = new Map<string, Promise<Controls>>()
  const results: SubjectResult[] = []
  for (const subject of subjects) {
    const began = performance.now()
    await using inside = new SharedSessions()
    const place = boxPlace(stage.programs, subject)
    const sitting: Sitting = { ...stage, subject, place, inside, outside, controls }
    const neverStarted = cannot.get(subject) ?? (await inside.of('box', place).then(() => undefined, wordsOf))
    const findings =
      neverStarted === undefined
        ? await runAll(probes, sitting, onFinding)
        : probes.map((probe) => neverRun(probe, neverStarted, subject))
    // What was stopped in the middle says nothing of the sandbox.
    await wait(STOP_HEARD_MS)
    stage.scene.signal.throwIfAborted()
    results.push({
      subject: recordOf(subject),
      ...(neverStarted === undefined ? {} : { neverStarted }),
      findings,
      milliseconds: Math.round(performance.now() - began),
    })
  }
  return results
}

function wordsOf(error: unknown): string {
  if (error instanceof SessionLost) return error.message
  throw error
}

/** Side by side, and those that would disturb others one by one behind them. */
async function runAll(probes: readonly Probe[], sitting: Sitting, onFinding: OnFinding): Promise<Finding[]> {
  const findings = new Map<string, Finding>()
  const run = async (probe: Probe): Promise<void> => {
    sitting.scene.signal.throwIfAborted()
    const finding = await runProbe(probe, sitting)
    findings.set(probe.id, finding)
    onFinding(sitting.subject, finding, findings.size, probes.length)
  }
  const queue = probes.filter((probe) => !probe.alone)
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await run(next)
  })
  // Each of them has tidied up before the first that failed, or was stopped, is told.
  for (const one of await Promise.allSettled(workers)) if (one.status === 'rejected') throw one.reason
  for (const probe of probes) if (probe.alone) await run(probe)
  return probes.flatMap((probe) => findings.get(probe.id) ?? [])
}

function neverRun(probe: Probe, neverStarted: string, subject: Subject): Finding {
  const { id, number, asset, title, severity, attacker } = probe
  const notFor = probe.notFor?.(subject)
  const judgement = judge({ neverStarted, attempts: [], ...(notFor === undefined ? {} : { notFor }) })
  return { probe: id, number, asset, title, severity, attacker, ...judgement, attempts: [], milliseconds: 0 }
}
