import { pipeline } from 'node:stream/promises'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  name: 'logs',
  summary: 'Show what a detached box has printed',
  usage: '[--follow] BOX',
  about: `Prints the output of a box that was started with --detach. It is the box's own, byte for byte; a terminal \
may take parts of it for commands, so look at hostile output through less or cat -v.`,
  options: { follow: { short: 'f', help: 'Go on until the box ends' } },
  positionals: { least: 1, most: 1, names: ['BOX'] },
  examples: [{ command: 'glovebox logs --follow 3f2a', does: 'Watch a box; Ctrl-C ends the watching only' }],
  run: async ({ options, words: [box = ''] }, { signal }) => {
    const stop = signal()
    const log = await new Glovebox().boxes.logs(box, { follow: options.follow, signal: stop })
    try {
      await pipeline(log, process.stdout, { end: false })
    } catch (error) {
      // Ctrl-C is how watching ends.
      if (!stop.aborted) throw error
    }
    return undefined
  },
})
