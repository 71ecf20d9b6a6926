import { isTerminal } from '../../host/terminal.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { readVariables } from '../run-options.ts'
import { usageError } from '../usage-error.ts'

export const command = defineCommand({
  name: 'exec',
  summary: 'Run a further command in a running box',
  usage: '[OPTIONS] BOX [--] COMMAND [ARGUMENT…]',
  about: `Runs COMMAND in a box that is running, behind the same walls as the box's own command. BOX is its name or \
the beginning of its id; see: glovebox ps. The exit code is the command's own.`,
  options: {
    env: { value: 'NAME=VALUE', short: 'e', many: true, help: 'Set an environment variable' },
    workdir: { value: 'PATH', short: 'w', help: "Working folder (default: the box's)" },
    user: { value: 'USER', short: 'u', help: "Run as this user of the image (default: the box's)" },
    tty: {
      short: 't',
      negatable: true,
      help: 'Give it a terminal, or none (default: as this command has one)',
    },
  },
  positionals: { least: 1, most: 1, names: ['BOX'], command: { leading: 1 } },
  examples: [
    { command: 'glovebox exec web -- ps aux', does: 'See what runs in the box web' },
    { command: 'glovebox exec web -- sh', does: 'Look around in it' },
    {
      command: 'glovebox exec --user root web -- apt list',
      does: 'As the root of the box, who is nobody outside',
    },
  ],
  run: ({ options, words: [box = ''], command }) => {
    if (command.length === 0)
      throw usageError(
        'NO_COMMAND',
        `Cannot run a command in box ${box}: none was given.`,
        `Write it behind two dashes: glovebox exec ${box} -- COMMAND`,
      )
    const { workdir, user, env } = options
    return new Glovebox().boxes.execInPlace(box, command, {
      ...(workdir === undefined ? {} : { workdir }),
      ...(user === undefined ? {} : { user }),
      ...(env.length === 0 ? {} : { env: readVariables(env) }),
      terminal: options.tty ?? (isTerminal(0) && isTerminal(1)),
    })
  },
})
