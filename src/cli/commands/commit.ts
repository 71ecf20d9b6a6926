import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'

export const command = defineCommand({
  name: 'commit',
  summary: 'Make an image of a kept box',
  usage: '[--json] BOX IMAGE',
  about: 'Makes an image of a kept box: the layers of its own image, and one more with what the box changed.',
  options: { json: { help: 'Print JSON' } },
  positionals: { least: 2, most: 2, names: ['BOX', 'IMAGE'] },
  examples: [{ command: 'glovebox commit web my-browser', does: 'Use the box web as an image from now on' }],
  run: async ({ options, words: [box = '', name = ''] }) => {
    const digest = await new Glovebox().boxes.commit(box, name)
    return options.json ? printJson({ name, digest }) : printLine(`${name}  ${digest}`)
  },
})
