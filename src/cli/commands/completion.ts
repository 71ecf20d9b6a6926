import { defineCommand } from '../command.ts'
import { COMMANDS } from '../command-list.ts'
import { COMPLETIONS } from '../completion/index.ts'
import { printLine } from '../print.ts'
import { usageError } from '../usage-error.ts'

export const command = defineCommand({
  name: 'completion',
  summary: 'Print the completions for a shell',
  usage: 'bash | zsh | fish',
  about:
    'Prints a script that teaches your shell the commands and options of glovebox, made from their own definitions.',
  options: {},
  positionals: { least: 1, most: 1, names: ['bash | zsh | fish'] },
  examples: [
    { command: 'eval "$(glovebox completion bash)"', does: 'In this bash; in ~/.bashrc, in every one' },
    { command: 'glovebox completion zsh > ~/.zfunc/_glovebox', does: 'For zsh, in a folder of fpath' },
    { command: 'glovebox completion fish > ~/.config/fish/completions/glovebox.fish', does: 'For fish' },
  ],
  run: ({ words: [shell = ''] }, { load }) => {
    const write = Object.hasOwn(COMPLETIONS, shell) ? COMPLETIONS[shell] : undefined
    if (write === undefined)
      throw usageError(
        'UNKNOWN_SHELL',
        `Cannot write completions for ${JSON.stringify(shell)}: this shell is not known.`,
        `Choose from: ${Object.keys(COMPLETIONS).join(', ')}`,
      )
    return printLine(write(COMMANDS.map(({ name }) => load(name))).trimEnd())
  },
})
