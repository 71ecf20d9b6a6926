import { GloveboxError } from '../errors.ts'
import type { ExamResult, SubjectRecord } from '../exam/result-types.ts'
import type { Asset } from '../exam/types.ts'
import { printable } from '../policy/quote.ts'
import { type AskedBox, isOfBox, isOfHere } from './known.ts'
import type { PriceResult } from './result-types.ts'

/* Nothing is known: never a silent fallback, but what differs and what to run. */

export function withoutExam(
  kept: Iterable<ExamResult>,
  box: AskedBox,
  assets: readonly Asset[],
  options: readonly string[],
): GloveboxError {
  const why = whyNot(kept, box, ({ subjects }) => subjects, `did not ask all probes of ${assets.join(', ')}`)
  return new GloveboxError({
    ...{ code: 'CHOICE_WITHOUT_EXAM', audience: 'box' },
    message: `Cannot choose a technology: no exam of this box on this machine says what holds${why}.`,
    remedy: `Examine them with: ${['glovebox', 'exam', '--engine', 'all', ...options].join(' ')}`,
  })
}

export function withoutPrice(
  kept: Iterable<PriceResult>,
  box: AskedBox,
  options: readonly string[],
): GloveboxError {
  const why = whyNot(kept, box, ({ sides }) => sides, 'has no figure beside the bare host')
  return new GloveboxError({
    ...{ code: 'CHOICE_WITHOUT_PRICE', audience: 'box' },
    message: `Cannot choose a technology: no price of this box on this machine says what each costs${why}.`,
    remedy: `Measure them with: ${['glovebox', 'price', '--engine', 'all', ...options].join(' ')}`,
  })
}

type Kept = Pick<ExamResult, 'host' | 'glovebox' | 'startedAt' | 'endedAt'>

/** In what the newest one that is kept differs. */
function whyNot<Result extends Kept>(
  kept: Iterable<Result>,
  box: AskedBox,
  partsOf: (result: Result) => readonly { readonly subject: SubjectRecord }[],
  otherwise: string,
): string {
  const [newest] = kept
  if (newest === undefined) return '; none is kept at all'
  const parts = partsOf(newest)
  const here = isOfHere(newest, box)
  const ofBox = parts.some(({ subject }) => isOfBox(subject, box))
  const why = here ? (ofBox ? otherwise : 'is of another image or policy') : elsewhere(newest, box)
  return `; the newest, of ${newest.endedAt}, ${why}`
}

function elsewhere({ host, glovebox }: Kept, box: AskedBox): string {
  const pairs = [
    ['kernel', host.kernel, box.host.kernel],
    ['user id', String(host.uid), String(box.host.uid)],
    ['processor', host.cpu, box.host.cpu],
    ['architecture', host.machine, box.host.machine],
    ['version of Glovebox', glovebox, box.glovebox],
  ] as const
  const found = pairs.find(([, then, now]) => then !== now)
  if (found === undefined) return 'is from the future'
  const [what, then, now] = found
  return `is of another ${what} (${printable(then)} then, ${printable(now)} now)`
}
