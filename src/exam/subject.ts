import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { packageRoot } from '../host/build-info.ts'
import type { EngineName } from '../plan/types.ts'
import type { Policy } from '../policy/types.ts'
import { PROGRAM_WORD } from './place.ts'
import type { EngineSubject, ForeignSubject } from './types.ts'

/** The words that run this package's own command line. */
export function ownCommand(): string[] {
  return [join(packageRoot(), 'bin', 'glovebox')]
}

export interface EngineAsk {
  readonly engine: EngineName
  readonly image: string
  readonly policy: Policy
  /** The options of `glovebox run` that say this very policy. */
  readonly policyOptions: readonly string[]
  readonly glovebox: readonly string[]
}

export function engineSubject({ engine, image, policy, policyOptions, glovebox }: EngineAsk): EngineSubject {
  const options = ['--engine', engine, ...policyOptions]
  return { kind: 'engine', name: engine, engine, image, policy, glovebox, options }
}

/** @throws GloveboxError EXAM_WITHOUT_PROGRAM where the command line has no place for the probe program */
export function foreignSubject(argv: readonly string[], name = argv[0] ?? ''): ForeignSubject {
  if (!argv.some((word) => word.includes(PROGRAM_WORD)))
    throw new GloveboxError({
      code: 'EXAM_WITHOUT_PROGRAM',
      audience: 'usage',
      message: `Cannot examine ${name}: its command line has no ${PROGRAM_WORD}, where the probe program goes.`,
      remedy: `For example: glovebox exam -- bwrap --ro-bind / / --dev /dev ${PROGRAM_WORD}`,
    })
  return { kind: 'foreign', name, argv }
}
