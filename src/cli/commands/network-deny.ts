import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson } from '../print.ts'

export const command = defineCommand({
  name: 'network deny',
  summary: 'Close a name or address to a running box, at once',
  usage: '[--json] BOX TARGET [SERVICE…]',
  about: `Closes TARGET to a running box, whatever else opens it, and cuts connections that are there already. TARGET and SERVICE are as in glovebox network allow; \
a name is closed whole: it is answered no more, and what it was answered with is closed. The change lasts as long as the box runs.`,
  options: { json: { help: 'Print the policy that is in force now, as JSON' } },
  positionals: { least: 2, most: 64, names: ['BOX', 'TARGET', 'SERVICE'] },
  examples: [{ command: 'glovebox network deny web 203.0.112.0/24', does: 'Close a network to the box web' }],
  run: async ({ options, words: [box = '', ...rule] }) => {
    const policy = await new Glovebox().boxes.changeNetwork(box, 'deny', rule.join(' '))
    return options.json ? printJson(policy) : undefined
  },
})
