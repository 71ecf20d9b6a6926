import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson } from '../print.ts'

export const command = defineCommand({
  name: 'network allow',
  summary: 'Open a name or address to a running box, at once',
  usage: '[--json] BOX TARGET [SERVICE…]',
  about: `Adds a rule to the network of a running box: TARGET is a name, *.NAME for all names below it, an address or a range; a SERVICE is tcp, udp, icmp, \
tcp:443, udp:5000-5100, or a port for both; without one all three are open. What was denied by the same TARGET is so no more. The change lasts \
as long as the box runs.`,
  options: { json: { help: 'Print the policy that is in force now, as JSON' } },
  positionals: { least: 2, most: 64, names: ['BOX', 'TARGET', 'SERVICE'] },
  examples: [
    {
      command: 'glovebox network allow call sip.example.org udp:5060',
      does: 'Let the box call reach a server',
    },
  ],
  run: async ({ options, words: [box = '', ...rule] }) => {
    const policy = await new Glovebox().boxes.changeNetwork(box, 'allow', rule.join(' '))
    return options.json ? printJson(policy) : undefined
  },
})
