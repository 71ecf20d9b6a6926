import type { ExamFinding, ExamResult, PriceResult } from '../sdk.ts'
import { Glovebox } from '../sdk.ts'
import type { CompareOptions } from './compare-options.ts'
import { examSubjects } from './exam-options.ts'
import { policyWords, readPolicy } from './policy-options.ts'
import { priceStep } from './price-progress.ts'
import { ProgressDisplay } from './progress.ts'

/** All engines where none is named. */
const subjectsOf = (options: CompareOptions) =>
  examSubjects(
    { ...options, engine: options.engine.length === 0 ? ['all'] : options.engine, 'self-test': false },
    [],
  )

/** Holds the exam of a comparison, with its progress on stderr. */
export async function holdExam(options: CompareOptions, signal: AbortSignal): Promise<ExamResult> {
  const { exams } = new Glovebox()
  const policy = await readPolicy(options)
  const subjects = subjectsOf(options)
  for (const line of await exams.bounds(subjects.only ?? [])) process.stderr.write(`${line}\n`)
  const display = new ProgressDisplay()
  const onFinding = (
    { name }: { readonly name: string },
    { verdict, title }: ExamFinding,
    done: number,
    total: number,
  ): void => display.show({ step: `Examine ${name}`, done, total, detail: `${verdict}: ${title}` })
  return exams
    .hold({
      ...subjects,
      ...{ policy, policyOptions: policyWords(options), signal, onProgress: display.show, onFinding },
    })
    .finally(() => display.end('✓'))
}

/** Measures the price of a comparison, of the same engines, image and policy. */
export async function measurePrice(options: CompareOptions, signal: AbortSignal): Promise<PriceResult> {
  const { engines = [] } = subjectsOf(options)
  const policy = await readPolicy(options)
  const display = new ProgressDisplay()
  return new Glovebox().prices
    .measure({
      ...{ engines, policy, policyOptions: policyWords(options), quick: options.quick, signal },
      neighbours: options.neighbours,
      ...(options.image === undefined ? {} : { image: options.image }),
      onProgress: display.show,
      onStep: (...step) => display.show(priceStep(...step)),
    })
    .finally(() => display.end('✓'))
}
