import { ENGINE_NAMES } from '../../plan/engine-names.ts'
import { priceReport } from '../../report/price.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { enginesOf } from '../engines-option.ts'
import { POLICY_OPTIONS, policyWords, readPolicy } from '../policy-options.ts'
import { priceStep } from '../price-progress.ts'
import { printJson, printLine } from '../print.ts'
import { ProgressDisplay } from '../progress.ts'
import { textStyle } from '../text-style.ts'
import { usageError } from '../usage-error.ts'

export const command = defineCommand({
  name: 'price',
  summary: 'Measure what the isolation costs on this machine',
  usage: '[OPTIONS] [-- COMMAND…]',
  about: `Measures a box beside the bare host: start, memory, processor, system calls, files and network, and a command of yours behind \
--. Both do the same work with the same program, in turns, and each run is checked to have done it. Figures are medians with 95 % \
intervals; differences within the noise are called equal.

Boxes write below /tmp, and the bare host in a folder of its own: in memory where the box's writes stay there. One server on the loopback of \
this machine is reached by the boxes for the network's figures, and by nobody else.

A command of yours runs in the box alone unless you add --trust: on the bare host there is no wall around it, and it could do whatever you can.

The result is kept for glovebox choose.`,
  options: {
    engine: {
      value: 'ENGINE',
      many: true,
      help: 'Engine to measure (default container); all for each of them',
      choices: [...ENGINE_NAMES, 'all'],
    },
    image: { value: 'IMAGE', short: 'i', help: 'Image of the boxes (default base)' },
    quick: { help: 'Fewer and shorter runs' },
    neighbours: { help: 'Also what a box that misbehaves does to a good one' },
    trust: {
      help: 'Run COMMAND on the bare host, too, with no wall around it: only for what you trust, and its image',
    },
    json: { help: 'Print JSON' },
    ...POLICY_OPTIONS,
  },
  positionals: { least: 0, most: 0, names: [], command: { leading: 0 } },
  examples: [
    { command: 'glovebox price', does: 'Measure the default box' },
    { command: 'glovebox price --quick --engine all', does: 'Measure every technology in a few minutes' },
    { command: 'glovebox price --engine gvisor -- ls -R /usr', does: 'Measure a command of yours, too' },
    {
      command: 'glovebox price --trust -- ls -R /usr',
      does: 'The same beside the bare host, where nothing holds it back',
    },
    { command: 'glovebox price --neighbours', does: 'See what a bad neighbour does' },
  ],
  run: async ({ options, command: words }, { signal }) => {
    const { prices } = new Glovebox()
    if (options.trust && words.length === 0)
      throw usageError(
        'TRUST_WITHOUT_COMMAND',
        'Cannot trust a command: none is given.',
        'Put it behind --, as in: glovebox price --trust -- ls -R /usr',
      )
    const policy = await readPolicy(options)
    const display = new ProgressDisplay()
    const result = await prices
      .measure({
        ...{
          engines: enginesOf(options.engine),
          policy,
          policyOptions: policyWords(options),
          signal: signal(),
        },
        ...{ quick: options.quick, neighbours: options.neighbours },
        ...(options.image === undefined ? {} : { image: options.image }),
        ...(words.length === 0 ? {} : { command: words, trust: options.trust }),
        onProgress: display.show,
        onStep: (...step) => display.show(priceStep(...step)),
      })
      .finally(() => display.end('✓'))
    if (options.json) return printJson(result)
    return printLine(priceReport(result, textStyle()))
  },
})
