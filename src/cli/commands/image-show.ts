import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson } from '../print.ts'

export const command = defineCommand({
  name: 'image show',
  summary: 'Show what an image is made of',
  usage: 'IMAGE',
  about: 'Prints as JSON what an image is made of: its layers, configuration, recipe and packages.',
  options: { json: { help: 'Print JSON, as it does anyway' } },
  positionals: { least: 1, most: 1, names: ['IMAGE'] },
  examples: [{ command: 'glovebox image show browser', does: 'See user, command, layers and packages' }],
  run: async ({ words: [image = ''] }) => printJson(await new Glovebox().images.show(image)),
})
