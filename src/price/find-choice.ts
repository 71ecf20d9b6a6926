import { dryRun } from '../box/boxes.ts'
import type { BoxContext } from '../box/context.ts'
import { imageOf } from '../box/engine-wish.ts'
import { GloveboxError } from '../errors.ts'
import { CATALOGUE } from '../exam/catalogue/index.ts'
import { examFolders } from '../exam/folders.ts'
import { hostRecord, policyDigest, toolsOf } from '../exam/record.ts'
import type { SubjectRecord } from '../exam/result-types.ts'
import { keptResults } from '../exam/results.ts'
import { VERSION } from '../host/build-info.ts'
import { ownerOfIds } from '../image/owner.ts'
import { resolveImage } from '../image/resolve.ts'
import { planPolicy } from '../plan/make.ts'
import type { BoxRequest, EngineName } from '../plan/types.ts'
import { DEFAULT_POLICY } from '../policy/default.ts'
import { boundedMetrics, parseBudget } from './budget.ts'
import type { Choice } from './choice-types.ts'
import { choose } from './choose.ts'
import type { Known, Question } from './judge.ts'
import { type AskedBox, newestExams, newestPriceOf, probesOf } from './known.ts'
import { DEFAULT_REQUIREMENT, parseRequirement } from './requirement.ts'
import type { PriceResult } from './result-types.ts'
import { keptPrices, newestPrice, priceFolder } from './results.ts'
import { withoutExam, withoutPrice } from './without.ts'

export interface ChoiceOptions {
  /** Assets that must be held; those that every engine promises where absent. */
  readonly require?: readonly string[]
  /** Bounds: `start<500ms`. */
  readonly budget?: readonly string[]
  /** The box that it is for; the default one where absent. */
  readonly box?: Omit<BoxRequest, 'engine'>
  /** The options of `glovebox exam` that say the same image and policy, for commands that are told. */
  readonly examOptions?: readonly string[]
}

/**
 * Chooses by the newest exam and price of this very box on this machine, and sees that the technology can start it now, with the
 * tools that were examined. See `Prices.choose` of the SDK.
 */
export async function findChoice(context: BoxContext, options: ChoiceOptions): Promise<Choice> {
  const { require = DEFAULT_REQUIREMENT, budget = [], box = {} } = options
  const prices = priceFolder(context.paths.state)
  const requirement = parseRequirement(require)
  const asked = askedBox(context, box)
  const price = newestPriceOf(keptPrices(prices), asked)
  const question: Question = {
    require: requirement,
    budget: parseBudget(budget, boundedMetrics(price ?? newestPrice(prices))),
  }
  const known = knownOf(context, asked, price, question, options.examOptions ?? [])
  const outdated = new Map<EngineName, string>()
  for (;;) {
    const choice = choose({ ...known, outdated }, question)
    const why = choice.chosen && (await outdatedBy(context, box, choice.chosen, known))
    if (choice.chosen === undefined || why === undefined) return choice
    outdated.set(choice.chosen, why)
  }
}

/** @throws GloveboxError CHOICE_WITHOUT_EXAM, CHOICE_WITHOUT_PRICE */
function knownOf(
  context: BoxContext,
  asked: AskedBox,
  price: PriceResult | undefined,
  { require }: Question,
  options: readonly string[],
): Known {
  const exams = examFolders(context.paths.state).results
  const assets = require.map(({ asset }) => asset)
  const examined = newestExams(keptResults(exams), asked, probesOf(CATALOGUE, assets))
  if (examined.size === 0) throw withoutExam(keptResults(exams), asked, assets, options)
  if (price === undefined) throw withoutPrice(keptPrices(priceFolder(context.paths.state)), asked, options)
  return { examined, price, options }
}

/** What results are compared with: the image and the policy as a start comes to them, under whatever engine. */
function askedBox(context: BoxContext, box: Omit<BoxRequest, 'engine'>): AskedBox {
  const resolved = resolveImage(context.store, imageOf(context, box), ownerOfIds(context.ids))
  const view = context.viewOf({ runtimes: [], bounds: [] })
  return {
    ...{ host: hostRecord(), glovebox: VERSION, now: new Date() },
    image: resolved.digest,
    policy: policyDigest({ policy: planPolicy(box.policy ?? DEFAULT_POLICY, resolved, view) }),
  }
}

/** Errors that say of one technology that it cannot, where another may. */
const OF_THE_ENGINE: readonly string[] = ['ENGINE_CANNOT', 'BOX_OF_OTHER_ENGINE', 'WARM_KEPT']

/**
 * Why what was found does not hold for a start now: it cannot be planned, or by other tools.
 *
 * @throws GloveboxError where the request is wrong under every technology
 */
async function outdatedBy(
  context: BoxContext,
  box: Omit<BoxRequest, 'engine'>,
  engine: EngineName,
  { examined, price, options }: Known,
): Promise<string | undefined> {
  try {
    const { plan } = await dryRun(context, { ...box, engine, command: ['true'] })
    const now = toolsOf(plan)
    const side = price.sides.find(({ subject }) => subject.engine === engine)?.subject
    return (
      otherTools('exam', examined.get(engine)?.subject.subject, now, options) ??
      otherTools('price', side, now, options)
    )
  } catch (error) {
    if (!(error instanceof GloveboxError)) throw error
    if (error.audience === 'usage' && !OF_THE_ENGINE.includes(error.code)) throw error
    return `it cannot start this box now: ${error.message}`
  }
}

function otherTools(
  act: 'exam' | 'price',
  then: SubjectRecord | undefined,
  now: readonly string[],
  options: readonly string[],
): string | undefined {
  if (then === undefined || then.tools.join('\n') === now.join('\n')) return undefined
  const command = ['glovebox', act, '--engine', then.engine, ...options].join(' ')
  return `its ${act} is of ${then.tools.join(', ')}, and now it is ${now.join(', ')} (${command} would tell)`
}
