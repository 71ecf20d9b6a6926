import type { Answer, AskOptions, Session } from '../../src/exam/session.ts'

/* Sessions that answer by a rule: what asks is tried without a program. */

export type Rule = (verb: string, words: readonly string[], options: AskOptions) => Answer | Promise<Answer>

export const standIn = (rule: Rule): Session => {
  const ask = async (verb: string, words: readonly string[] = [], options: AskOptions = {}) =>
    rule(verb, words, options)
  return { ask } as Partial<Session> as Session
}

/** What a workload tells that did its work. */
export const ran = (check: string | number = 7, nanoseconds = 1e8, batches = 2): Answer => ({
  ...{ text: `batches ${batches} ns ${nanoseconds} check ${check}\n`, end: 0 },
})
