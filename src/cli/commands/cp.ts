import { Glovebox } from '../../sdk.ts'
import { checkDestination, checkSource, parseCopyWord } from '../box-paths.ts'
import { defineCommand } from '../command.ts'
import { usageError } from '../usage-error.ts'

export const command = defineCommand({
  name: 'cp',
  summary: 'Copy files into a running box or out of it',
  usage: 'SRC BOX:DST  |  BOX:SRC DST',
  about: `Copies a file or a folder. Nothing in the box can make it write or read elsewhere than you say: links are \
copied as links, and what would reach out is refused. A path of this machine with a colon in it is written ./a:b.`,
  options: {},
  positionals: { least: 2, most: 2, names: ['SRC', 'DST'] },
  examples: [
    { command: 'glovebox cp report.pdf web:/work/', does: 'Into the folder /work of the box web' },
    { command: 'glovebox cp web:/work/out.txt .', does: 'Out of it, into this folder' },
  ],
  run: async ({ words: [source = '', destination = ''] }) => {
    const [from, to] = [parseCopyWord(source), parseCopyWord(destination)]
    const { boxes } = new Glovebox()
    if (from.box !== undefined && to.box === undefined) {
      checkDestination(to.path)
      await (await boxes.get(from.box)).copyOut(from.path, to.path)
    } else if (from.box === undefined && to.box !== undefined) {
      checkSource(from.path)
      await (await boxes.get(to.box)).copyIn(from.path, to.path)
    } else
      throw usageError(
        'BAD_COPY',
        'Cannot copy: exactly one of the two must be in a box.',
        'Write it as in: glovebox cp FILE BOX:PATH, or glovebox cp BOX:PATH FILE',
      )
    return undefined
  },
})
