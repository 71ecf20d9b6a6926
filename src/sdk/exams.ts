import type { BoxContext } from '../box/context.ts'
import type { ExamOptions } from '../exam/conduct.ts'
import type { RequireOptions } from '../exam/require-verified.ts'
import type { ExamResult } from '../exam/result-types.ts'
import type { Probe } from '../exam/types.ts'
import type { BoxRequest } from '../plan/types.ts'

export type { ExamOptions }

/** The isolation exam. Its modules are loaded when one is held: a start of a box waits for none of them. */
export class Exams {
  readonly #open: () => BoxContext

  constructor(open: () => BoxContext) {
    this.#open = open
  }

  /** The folder of certificates that {@link requireVerified} looks in. */
  get certificates(): string {
    return `${this.#open().paths.state}/exams/certificates`
  }

  /** Every probe there is. */
  async probes(): Promise<readonly Probe[]> {
    const { CATALOGUE } = await import('../exam/catalogue/index.ts')
    return CATALOGUE
  }

  /** What the probes that are chosen use up of this machine at the most, in sentences; none where they use up nothing. */
  async bounds(only: readonly string[]): Promise<readonly string[]> {
    const { boundsOf } = await import('../exam/bounds.ts')
    return boundsOf(only)
  }

  /**
   * Examines engines of ours, or other sandboxes by their command lines; the engine `container` where nothing is named.
   *
   * @throws GloveboxError UNKNOWN_PROBE, UNKNOWN_SANDBOX, EXAM_WITHOUT_PROGRAM, and what a start of a box refuses
   * @example
   * const result = await glovebox.exams.hold({ engines: ['gvisor'], only: ['files'] })
   */
  async hold(options: ExamOptions = {}): Promise<ExamResult> {
    const { conductExam } = await import('../exam/conduct.ts')
    return conductExam(this.#open(), options)
  }

  /** The newest result on this machine that holds this probe. */
  async newest(probe: string): Promise<ExamResult | undefined> {
    const { newestResult } = await import('../exam/results.ts')
    const { examFolders } = await import('../exam/folders.ts')
    return newestResult(examFolders(this.#open().paths.state).results, probe)
  }

  /**
   * Checks that an exam of this machine covers this very box: its engine, image and policy, the kernel and the tools.
   *
   * @returns the request, bound to the image that was verified
   * @throws GloveboxError EXAM_NOT_VERIFIED
   */
  async requireVerified(request: BoxRequest, options: RequireOptions): Promise<BoxRequest> {
    const { requireVerifiedBox } = await import('../exam/require-verified.ts')
    return requireVerifiedBox(this.#open(), request, options)
  }
}
