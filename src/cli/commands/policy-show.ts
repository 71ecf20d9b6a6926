import { describePolicy } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { POLICY_OPTIONS, readPolicy } from '../policy-options.ts'
import { printJson, printLine } from '../print.ts'
import { usageError } from '../usage-error.ts'

export const command = defineCommand({
  name: 'policy show',
  summary: 'Say in words what a box may do',
  usage: '[FILE] [OPTIONS]',
  about: `Says what a box with this policy can reach, what it cannot, what it may use up, and each grant with its \
price: of a policy file, of the same options as glovebox run takes, or, without either, of the default.`,
  options: { ...POLICY_OPTIONS, json: { help: 'Print JSON' } },
  positionals: { least: 0, most: 1, names: ['FILE'] },
  examples: [
    { command: 'glovebox policy show', does: 'What a box may do when you say nothing' },
    { command: 'glovebox policy show browser.yaml', does: 'What a policy file means' },
    {
      command: 'glovebox policy show --network lan:192.168.1.20 --network host:631',
      does: 'What a network would open',
    },
    { command: 'glovebox policy show --grant user-namespaces', does: 'What a grant costs' },
  ],
  run: async ({ options, words: [file] }) => {
    if (file !== undefined && options.policy !== undefined)
      throw usageError(
        'TWO_POLICIES',
        'Cannot show two policies: a file and --policy were given.',
        'Leave one of them away.',
      )
    const policy = await readPolicy({ ...options, policy: file ?? options.policy })
    return options.json ? printJson(policy) : printLine(describePolicy(policy).trimEnd())
  },
})
