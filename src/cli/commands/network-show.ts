import { printable } from '../../policy/quote.ts'
import type { NetworkStatus } from '../../sdk.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'

export const command = defineCommand({
  name: 'network show',
  summary: "Show what a running box's network lets through",
  usage: '[--json] BOX',
  about: `Says what the network of a running box reaches, which addresses and networks are refused as this machine's own, those among \
them that came as it moved, and the rules in force: as the kernel has them, with the addresses that names have opened.`,
  options: { json: { help: 'Print JSON' } },
  positionals: { least: 1, most: 1, names: ['BOX'] },
  examples: [{ command: 'glovebox network show web', does: 'See the rules of the box web' }],
  run: async ({ options, words: [box = ''] }) => {
    const status = await new Glovebox().boxes.network(box)
    if (options.json) return printJson(status)
    for (const line of linesOf(status)) printLine(printable(line))
    return undefined
  },
})

function linesOf({ words, refused, rules }: NetworkStatus): string[] {
  return [
    ...words.split('\n'),
    '',
    'Refused as this machine and its networks',
    ...[...refused.addresses, ...refused.networks].map((one) => `  - ${one}`),
    ...refused.moved.map((one) => `  - ${one}, since this machine has moved`),
    '',
    'The rules in force',
    ...rules
      .trimEnd()
      .replaceAll('\t', '  ')
      .split('\n')
      .map((line) => `  ${line}`),
  ]
}
