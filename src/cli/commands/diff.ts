import { printable } from '../../policy/quote.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'

const LETTERS = { added: 'A', modified: 'M', deleted: 'D' } as const

export const command = defineCommand({
  name: 'diff',
  summary: 'List what a kept box has changed',
  usage: '[--json] BOX',
  about: `Compares what a kept box wrote with its image: A for added, M for modified, D for deleted. Read from outside \
of the box, so nothing in it can hide a change; of a virtual machine that runs its own kernel is asked, of one that has ended another.`,
  options: { json: { help: 'Print JSON' } },
  positionals: { least: 1, most: 1, names: ['BOX'] },
  examples: [{ command: 'glovebox diff web', does: 'See what the box web has changed' }],
  run: async ({ options, words: [box = ''] }) => {
    const changes = await new Glovebox().boxes.diff(box)
    if (options.json) return printJson(changes)
    for (const { change, path } of changes) printLine(`${LETTERS[change]} ${printable(path)}`)
    return undefined
  },
})
