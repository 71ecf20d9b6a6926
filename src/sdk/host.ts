import type { EngineStatus } from '../box/engines.ts'
import type { ToolsQuestion } from '../box/tools-survey.ts'
import type { Finding } from '../host/doctor.ts'
import type { HostPaths } from '../host/paths.ts'
import type { SetupResult } from '../host/setup.ts'
import type { OnProgress } from '../image/types.ts'

/** What setup would do, and a way to let it. */
export interface SetupPlan {
  readonly steps: readonly {
    readonly what: string
    readonly why: string
    /** The exact words that change the system; none for what is done as the user. */
    readonly commands: readonly (readonly string[])[]
  }[]
  /** @throws GloveboxError SETUP_FAILED, SUDO_MISSING, COMPILE_FAILED, COMPILER_MISSING */
  readonly run: (options?: {
    readonly onProgress?: OnProgress
    readonly signal?: AbortSignal
  }) => Promise<SetupResult[]>
}

/** This machine, as far as boxes depend on it. What looks and mends is loaded when it is called for. */
export class Host {
  readonly #paths: HostPaths

  constructor(paths: HostPaths) {
    this.#paths = paths
  }

  /**
   * Looks at the machine and tries what can be tried; takes about half a second, and up to 20 seconds where KVM was
   * never tried. With `updates` it also asks the mirror whether there are newer packages for the tools image.
   */
  async doctor(options: ToolsQuestion = {}): Promise<Finding[]> {
    const [{ judgeHost }, { surveyHost }] = await Promise.all([
      import('../host/doctor.ts'),
      import('../host/survey.ts'),
    ])
    const survey = surveyHost(this.#paths)
    const findings = judgeHost(survey)
    /* What comes from the tools image is tried in the jail. */
    if (!survey.folders.ok || survey.trials?.jail.ok !== true) return findings
    const [{ openContext }, { checkTools }] = await Promise.all([
      import('../box/context.ts'),
      import('../box/tools-survey.ts'),
    ])
    const context = openContext(this.#paths)
    return [...findings, ...(await checkTools(context, options))]
  }

  /** What is missing for boxes to run; nothing is changed before `run`. */
  async planSetup(): Promise<SetupPlan> {
    const [{ surveyHost }, { planSetup }, { commandsOf, runSetup }] = await Promise.all([
      import('../host/survey.ts'),
      import('../host/setup-plan.ts'),
      import('../host/setup.ts'),
    ])
    const survey = surveyHost(this.#paths)
    const steps = planSetup(survey)
    return {
      steps: steps.map((step) => ({
        what: step.what,
        why: step.why,
        commands: commandsOf(step, survey.user.uid, this.#paths),
      })),
      run: ({ onProgress, signal } = {}) => {
        let current = ''
        return runSetup(steps, this.#paths, {
          onStep: (what) => {
            current = what
            onProgress?.({ step: what })
          },
          onLine: (line) => onProgress?.({ step: current, detail: line }),
          ...(signal === undefined ? {} : { signal }),
        })
      },
    }
  }

  /** The isolation technologies, and whether each works on this machine; what was never tried is tried. */
  async engines(options: { readonly onProgress?: OnProgress } = {}): Promise<EngineStatus[]> {
    const { engineStatus } = await import('../box/engines.ts')
    return engineStatus(this.#paths, options.onProgress)
  }
}
