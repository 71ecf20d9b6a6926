import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  name: 'rm',
  summary: 'Delete kept and ended boxes',
  usage: 'BOX…',
  about:
    'Deletes all that is kept of boxes: what they wrote, and their logs. A running box must be stopped first.',
  options: {},
  positionals: { least: 1, most: Number.POSITIVE_INFINITY, names: ['BOX'] },
  examples: [{ command: 'glovebox rm web', does: 'Forget the kept box web' }],
  run: async ({ words }) => {
    const { boxes } = new Glovebox()
    const found = await Promise.all(words.map((word) => boxes.get(word)))
    for (const box of found) await box.remove()
    return undefined
  },
})
