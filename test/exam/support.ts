import assert from 'node:assert/strict'
import { CATALOGUE } from '../../src/exam/catalogue/index.ts'
import { examine } from '../../src/exam/examine.ts'
import type { Finding } from '../../src/exam/result-types.ts'
import { openStage } from '../../src/exam/stage.ts'
import { engineSubject, foreignSubject, ownCommand } from '../../src/exam/subject.ts'
import type { Probe, Subject, Verdict } from '../../src/exam/types.ts'
import { currentPaths, openPaths } from '../../src/host/paths.ts'
import { guestPath } from '../../src/host/view.ts'
import type { EngineName } from '../../src/plan/types.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'

/** No sandbox at all: whatever applies must be a breach. */
export const LEAKY: Subject = foreignSubject(['env', '{}'], 'no sandbox')
/** A sandbox that never starts: nobody can say anything. */
export const NEVER: Subject = foreignSubject(['false', '{}'], 'never')

export function ours(engine: EngineName, policyOptions: readonly string[] = []): Subject {
  const asked = { engine, image: 'base', policy: DEFAULT_POLICY, policyOptions, glovebox: ownCommand() }
  return engineSubject(asked)
}

/** Probes of the catalogue by their ids, or all whose id begins with `NAME-`. */
export function probesOf(...ids: readonly string[]): Probe[] {
  const found = CATALOGUE.filter((probe) =>
    ids.some((id) => probe.id === id || probe.id.startsWith(`${id}-`)),
  )
  assert.ok(found.length > 0, `no probe is called ${ids.join(', ')}`)
  return found
}

/** Examines one subject with these probes, given as {@link probesOf} takes them; findings by probe id. */
export async function examineWith(subject: Subject, ids: readonly string[]): Promise<Map<string, Finding>> {
  const paths = currentPaths()
  openPaths(paths)
  await using stage = openStage({
    journals: `${paths.state}/exams`,
    guest: guestPath(paths),
    glovebox: ownCommand(),
    signal: new AbortController().signal,
  })
  const recordOf = () => ({ kind: subject.kind, name: subject.name, argv: [], tools: [], notes: [] })
  const [result] = await examine(stage, probesOf(...ids), [subject], { recordOf })
  return new Map((result?.findings ?? []).map((finding) => [finding.probe, finding]))
}

/** All controls showed what they must. */
export function assertControls(finding: Finding): void {
  const { controls, probe, reason } = finding
  const states = [controls?.bare.state, controls?.holed.state, controls?.negative.state]
  assert.deepEqual(
    states,
    ['reached', 'reached', 'not reached'],
    `${probe}: ${reason}: ${JSON.stringify(controls)}`,
  )
}

export function assertVerdict(finding: Finding | undefined, verdict: Verdict): asserts finding is Finding {
  assert.ok(finding !== undefined, 'the probe was run')
  assert.equal(
    finding.verdict,
    verdict,
    `${finding.probe}: ${finding.reason} ${JSON.stringify(finding.controls)}`,
  )
}
