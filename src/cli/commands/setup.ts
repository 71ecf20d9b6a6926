import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { setUp } from '../set-up.ts'

export const command = defineCommand({
  name: 'setup',
  summary: 'Install what is missing on this machine, after asking',
  usage: '[--yes] [--dry-run]',
  about: `Lists what is missing and the exact commands that bring it, asks, and runs them: distribution packages and \
subordinate ids by sudo, Glovebox's own programs by the compiler as you. Nothing is done where nothing is missing.`,
  options: {
    yes: { short: 'y', help: 'Do not ask' },
    'dry-run': { help: 'Only list what would be done' },
    json: { help: 'With --dry-run, print JSON' },
  },
  positionals: { least: 0, most: 0, names: [] },
  examples: [
    { command: 'glovebox setup --dry-run', does: 'See what it would do' },
    { command: 'glovebox setup --yes', does: 'In a script' },
  ],
  run: ({ options }, { signal }) => setUp(new Glovebox().host, options, signal),
})
