import { ENGINE_NAMES, type EngineName } from '../src/plan/engine-names.ts'
import { Glovebox } from '../src/sdk.ts'

/** Seconds that the exam takes: of one container, of one asset of it, and of all engines; the probes beside them, slowest first. */
export async function* examLines(asked: readonly string[] | undefined): AsyncGenerator<string> {
  const { exams } = new Glovebox()
  const sides: readonly (readonly [string, readonly EngineName[], readonly string[]])[] = [
    ['container, whole catalogue (goal 60 s)', ['container'], []],
    ['container, files alone', ['container'], ['files']],
    ['container, processes alone', ['container'], ['processes']],
    ['all five engines (goal 480 s)', ENGINE_NAMES, []],
  ]
  for (const [name, engines, only] of sides.filter(
    (_, at) => asked === undefined || asked.includes(String(at)),
  )) {
    const began = performance.now()
    const result = await exams.hold({ engines, only })
    const seconds = (performance.now() - began) / 1000
    const findings = result.subjects.flatMap((subject) =>
      subject.findings.map((finding) => ({ ...finding, subject: subject.subject.name })),
    )
    const slowest = findings.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, 8)
    yield `${name}: ${seconds.toFixed(1)} s, ${findings.length} verdicts`
    for (const { subject, probe, milliseconds } of slowest) yield `    ${subject} ${probe} ${milliseconds} ms`
  }
}
