import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { usageError } from '../usage-error.ts'

export const command = defineCommand({
  name: 'rm',
  summary: 'Delete kept and ended boxes',
  usage: '[--home NAME] [BOX…]',
  about:
    'Deletes all that is kept of boxes: what they wrote, and their logs. A running box must be stopped first. --home deletes a home folder that run --home NAME has kept.',
  options: { home: { value: 'NAME', many: true, help: 'Delete a kept home folder' } },
  positionals: { least: 0, most: Number.POSITIVE_INFINITY, names: ['BOX'] },
  examples: [
    { command: 'glovebox rm web', does: 'Forget the kept box web' },
    { command: 'glovebox rm --home mail', does: 'Forget the home folder that was kept as mail' },
  ],
  run: async ({ words, options }) => {
    if (words.length === 0 && options.home.length === 0)
      throw usageError(
        'NOTHING_NAMED',
        'Cannot delete anything: neither a box nor a home folder is named.',
        'Name a box: glovebox rm BOX   (see: glovebox ps)',
      )
    const { boxes } = new Glovebox()
    for (const name of options.home) await boxes.removeHome(name)
    const found = await Promise.all(words.map((word) => boxes.get(word)))
    for (const box of found) await box.remove()
    return undefined
  },
})
