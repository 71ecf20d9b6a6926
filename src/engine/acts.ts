import { GloveboxError } from '../errors.ts'
import type { Act, Engine } from './types.ts'

const WORDS: Readonly<Record<Act, string>> = {
  home: 'keep only a home folder (--home)',
  diff: 'tell what a kept box changed (diff)',
  commit: 'make an image of a kept box (commit)',
  resume: 'go on from a kept memory (--warm, snapshot)',
}

/** What an engine cannot do, in words for people. */
export function cannotWords(engine: Engine): string[] {
  return engine.cannot.map((act) => WORDS[act])
}

/** @throws GloveboxError ENGINE_CANNOT, before anything is done */
export function requireAct(engine: Engine, act: Act): void {
  if (!engine.cannot.includes(act)) return
  throw new GloveboxError({
    code: 'ENGINE_CANNOT',
    audience: 'usage',
    message: `Engine ${engine.name} cannot ${WORDS[act]}.`,
    remedy: 'See what each engine can do: glovebox engines   and choose another with --engine.',
    details: { engine: engine.name, act },
  })
}
