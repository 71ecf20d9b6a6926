import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  name: 'image tag',
  summary: 'Give an image a further name',
  usage: 'IMAGE NAME',
  about: 'Gives an image a further name. A name that another image has moves to this one.',
  options: {},
  positionals: { least: 2, most: 2, names: ['IMAGE', 'NAME'] },
  examples: [
    { command: 'glovebox image tag browser browser-2026-11', does: 'Keep the state of today by name' },
  ],
  run: async ({ words: [image = '', name = ''] }) => {
    await new Glovebox().images.tag(image, name)
    return undefined
  },
})
