import { choiceReport } from '../../report/choice.ts'
import type { Choice } from '../../sdk.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { POLICY_OPTIONS, readPolicy } from '../policy-options.ts'
import { printJson, printLine } from '../print.ts'
import { boxWords } from '../run-options.ts'
import { textStyle } from '../text-style.ts'
import { usageError } from '../usage-error.ts'

export const command = defineCommand({
  name: 'choose',
  summary: 'Name the cheapest technology that holds what you require',
  usage: '--require ASSETS [OPTIONS]',
  about: `Takes the newest exam and the newest price of this very machine and says which technology is the cheapest of those that hold all that \
you require, why, and what each dearer or weaker one would have given. One of which nobody can say whether it holds is never chosen.

ASSETS are those of the exam: files, processes, kernel, identity, terminal, desktop, network, exhaustion, persistence, snapshots, \
machine; lan is network, ipc processes, syscalls kernel, tty terminal, x11 and clipboard desktop, limits exhaustion, hypervisor machine. \
BOUNDS are metrics of the price with a value and its unit: start, cold, resume, memory, calls, throughput and the like. The whole interval \
of what was measured must keep them. K, M and G are powers of 1024, kB, MB and GB powers of 1000.

It is about the box that glovebox run starts by the same --image and policy; --app takes both from a recipe, with the grants that it \
needs. The exit code is 3 where none is to be had. glovebox run --engine auto takes what this names.`,
  options: {
    require: {
      value: 'ASSETS',
      many: true,
      help: 'What must be held, with commas: files,lan,desktop,kernel',
    },
    budget: { value: 'BOUNDS', many: true, help: 'What it may cost, with commas: start<500ms,memory<200M' },
    app: { value: 'RECIPE', help: 'For the image of this recipe, with the grants that it needs' },
    image: { value: 'IMAGE', short: 'i', help: 'For boxes of this image (default base)' },
    ...POLICY_OPTIONS,
    json: { help: 'Print JSON' },
  },
  positionals: { least: 0, most: 0, names: [] },
  examples: [
    {
      command: 'glovebox choose --require files,lan,desktop,kernel',
      does: 'Name the cheapest that holds these',
    },
    {
      command: "glovebox choose --require files,lan --budget 'start<500ms,memory<200M'",
      does: 'And that starts and fits as you need it',
    },
    { command: 'glovebox choose --app browser --require files,kernel', does: 'Choose for an application' },
  ],
  run: async ({ options }) => {
    const { prices } = new Glovebox()
    if (options.app !== undefined && options.image !== undefined)
      throw usageError('CHOICE_CONFLICT', 'Cannot choose for --app and --image at once.', 'Leave one away.')
    const app = options.app === undefined ? undefined : await prices.app(options.app)
    const asked =
      app === undefined
        ? options
        : { ...options, image: app.image, grant: [...new Set([...options.grant, ...app.grants])] }
    const { image } = asked
    const choice = await prices.choose({
      ...{ require: options.require, budget: options.budget, examOptions: boxWords(asked) },
      box: { policy: await readPolicy(asked), ...(image === undefined ? {} : { image }) },
    })
    if (options.json) printJson(choice)
    else printLine(choiceReport(choice, textStyle()))
    if (!options.json && app?.engine !== undefined)
      printLine(`\nIts recipe asks for engine ${app.engine}, which a start without --engine takes.`)
    return exitCodeOf(choice)
  },
})

const exitCodeOf = ({ chosen }: Choice): 0 | 3 => (chosen === undefined ? 3 : 0)
