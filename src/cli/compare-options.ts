import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { readBounded } from '../exam/read-bounded.ts'
import { MOST_RESULT_BYTES, parseResult } from '../exam/result-schema.ts'
import { MOST_PRICE_BYTES, parsePrice } from '../price/result-schema.ts'
import type { ExamResult, PriceResult } from '../sdk.ts'
import type { OptionValues } from './command.ts'
import { type POLICY_OPTIONS, policyWords } from './policy-options.ts'
import { usageError } from './usage-error.ts'

export interface CompareOptions extends OptionValues<typeof POLICY_OPTIONS> {
  readonly engine: readonly string[]
  readonly foreign: readonly string[]
  readonly image: string | undefined
  readonly only: readonly string[]
  readonly quick: boolean
  readonly neighbours: boolean
  readonly exam: string | undefined
  readonly price: string | undefined
  readonly output: string | undefined
  readonly markdown: string | undefined
  readonly json: boolean
}

/** Refuses what contradicts itself or cannot be written before minutes are spent on it. */
export function checkCompare(options: CompareOptions): void {
  const { exam, price, engine, foreign, image, only, quick, neighbours, output, markdown } = options
  if (exam !== undefined && foreign.length + only.length > 0)
    throw conflict('--foreign and --only say what is to be examined, and --exam names an exam that was held')
  if (price !== undefined && quick)
    throw conflict('--quick says how to measure, and --price names what was measured')
  if (price !== undefined && neighbours)
    throw conflict('--neighbours says what to measure, too, and --price names what was measured')
  const asked = engine.length + (image === undefined ? 0 : 1) + policyWords(options).length
  if (exam !== undefined && price !== undefined && asked > 0)
    throw conflict('with --exam and --price no box is started that an engine, image or policy could be of')
  if (output !== undefined) checkOutput(output, [exam, price])
  if (markdown !== undefined)
    checkDocument(markdown, [exam, price, ...(output === undefined ? [] : [output, jsonBeside(output)])])
}

type Paths = readonly (string | undefined)[]

const isAmong = (path: string, others: Paths): boolean =>
  others.some((other) => other !== undefined && resolve(other) === resolve(path))

const refuse = (what: string, why: string, remedy: string) =>
  usageError('BAD_VALUE', `Cannot write the ${what}: ${why}.`, remedy)

function checkOutput(output: string, read: Paths): void {
  const page = `page ${output}`
  if (!output.endsWith('.html'))
    throw refuse(page, 'its name does not end in .html', 'Name it as in: -o report.html')
  checkDocument(output, read, page)
  const beside = jsonBeside(output)
  checkDocument(beside, read, `${beside}, which goes with the page`)
}

/** @param others what is read, or written as well */
function checkDocument(path: string, others: Paths, what = `document ${path}`): void {
  if (path === '') throw refuse(what.trim(), 'it has no name', 'Name a file.')
  checkWritable(path, what)
  if (existsSync(path) && statSync(path).isDirectory())
    throw refuse(what, 'it is a folder', 'Name a file in it.')
  if (isAmong(path, others))
    throw refuse(what, 'the same file is read, or written as well', 'Name another file.')
}

function checkWritable(path: string, what: string): void {
  if (!existsSync(dirname(path)))
    throw refuse(what, `there is no folder ${dirname(path)}`, 'Make the folder, or name another.')
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK)
  } catch (error) {
    throw refuse(what, (error as Error).message, 'Name a file that you can write.')
  }
}

export const jsonBeside = (page: string): string => page.replace(/\.html$/, '.json')

const conflict = (why: string) =>
  usageError('COMPARE_CONFLICT', `Cannot compare: ${why}.`, 'Leave one of them away.')

/**
 * What is known already.
 *
 * @throws GloveboxError EXAM_FILE_UNREADABLE, EXAM_RESULT_INVALID, PRICE_RESULT_INVALID
 */
export function readParts({ exam, price }: Pick<CompareOptions, 'exam' | 'price'>): {
  readonly exam?: ExamResult
  readonly price?: PriceResult
} {
  return {
    ...(exam === undefined ? {} : { exam: parseResult(readBounded(exam, MOST_RESULT_BYTES), exam) }),
    ...(price === undefined ? {} : { price: parsePrice(readBounded(price, MOST_PRICE_BYTES), price) }),
  }
}
