import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { readDuration } from '../read-duration.ts'

export const command = defineCommand({
  name: 'stop',
  summary: 'End boxes',
  usage: '[--grace TIME] BOX…',
  about: `Asks the command of each box to end (SIGTERM), and ends the box when it has not after a while. What a box \
keeps stays.`,
  options: { grace: { value: 'TIME', help: 'Time to end in order (default 10s)' } },
  positionals: { least: 1, most: Number.POSITIVE_INFINITY, names: ['BOX'] },
  examples: [
    { command: 'glovebox stop web', does: 'End the box web' },
    { command: 'glovebox stop --grace 1s web mail', does: 'End two, without much patience' },
  ],
  run: async ({ options, words }) => {
    const graceMs = options.grace === undefined ? undefined : readDuration(options.grace, '--grace')
    const { boxes } = new Glovebox()
    // All are looked up before any is ended: a mistyped name ends none.
    const found = await Promise.all(words.map((word) => boxes.get(word)))
    await Promise.all(found.map((box) => box.stop(graceMs)))
    return undefined
  },
})
