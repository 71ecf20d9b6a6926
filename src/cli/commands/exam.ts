import { ENGINE_NAMES } from '../../plan/engine-names.ts'
import type { ExamFinding } from '../../sdk.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { countEngines, examSubjects } from '../exam-options.ts'
import { checkAsked, writeReports } from '../exam-reports.ts'
import { POLICY_OPTIONS, policyWords, readPolicy } from '../policy-options.ts'
import { ProgressDisplay } from '../progress.ts'

export const command = defineCommand({
  name: 'exam',
  summary: 'Prove how real the isolation is: canaries outside, probes inside',
  usage: '[OPTIONS] [-- COMMAND… with {} for the probe program]',
  about: `Plants canaries on this machine, runs probes in a box, and says of each asset what held, what was breached and what \
nobody can say. A probe counts only if its nonce comes out or a witness outside sees it, beside three controls: without a \
sandbox, with the hole opened on purpose, and without a canary. Nothing of yours is opened or changed: canaries are new files, \
sockets and processes, and the network's are in a small world of its own.

Behind -- stands the command line of any other sandbox, with {} where the probe program goes; --foreign has ready ones.

The exit code is 0 only when nothing was breached that the policy did not grant: 1 for a breach, 3 where nobody can say.`,
  options: {
    engine: {
      value: 'ENGINE',
      many: true,
      help: 'Engine to examine (default container); all for each of them',
      choices: [...ENGINE_NAMES, 'all'],
    },
    image: { value: 'IMAGE', short: 'i', help: 'Image of the boxes (default base)' },
    only: { value: 'NAMES', many: true, help: 'Assets, probes or numbers, with commas: files,kernel,56' },
    foreign: {
      value: 'NAMES',
      many: true,
      help: 'Ready lines of other sandboxes, with commas; all that are here',
    },
    strict: { help: 'End with 3 also where a single probe could not say' },
    'self-test': { help: 'Examine the exam: a box with every hole open, and one that never starts' },
    json: { help: 'Print JSON' },
    junit: { value: 'FILE', help: 'Write a JUnit report, too' },
    sarif: { value: 'FILE', help: 'Write a SARIF report, too' },
    html: { value: 'FILE', help: 'Write a page, too' },
    markdown: { value: 'FILE', help: 'Write a document, too' },
    certificate: { value: 'FILE', help: 'Write an in-toto statement of the result, for one engine' },
    key: { value: 'FILE', help: 'Sign the certificate with this ssh key, as FILE.sig' },
    ...POLICY_OPTIONS,
  },
  positionals: { least: 0, most: 0, names: [], command: { leading: 0 } },
  examples: [
    { command: 'glovebox exam', does: 'Examine the default box' },
    { command: 'glovebox exam --engine all --html exam.html', does: 'Examine every technology, with a page' },
    { command: 'glovebox exam --only files,terminal', does: 'Ask only some of it' },
    { command: 'glovebox exam -- firejail --private {}', does: 'Examine another sandbox' },
    { command: 'glovebox exam --foreign all', does: 'Examine all other sandboxes that are installed here' },
    { command: 'glovebox exam --self-test', does: 'See that the exam finds what is open' },
  ],
  run: async ({ options, command: words }, { signal }) => {
    const { exams } = new Glovebox()
    const policy = await readPolicy(options)
    const subjects = examSubjects(options, words)
    checkAsked(options, countEngines(subjects))
    for (const line of await exams.bounds(subjects.only ?? [])) process.stderr.write(`${line}\n`)
    const display = new ProgressDisplay()
    const onFinding = (
      subject: { readonly name: string },
      finding: ExamFinding,
      done: number,
      total: number,
    ): void =>
      display.show({
        step: `Examine ${subject.name}`,
        done,
        total,
        detail: `${finding.verdict}: ${finding.title}`,
      })
    const result = await exams
      .hold({
        ...subjects,
        ...{ policy, policyOptions: policyWords(options), signal: signal() },
        ...{ onProgress: display.show, onFinding },
      })
      .finally(() => display.end('✓'))
    return writeReports(result, await exams.probes(), options, exams.certificates)
  },
})
