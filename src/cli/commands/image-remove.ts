import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  name: 'image remove',
  summary: 'Remove an image',
  usage: 'IMAGE…',
  about: `Removes images from the store. Layers go with glovebox gc, once no other image and no kept box needs them.`,
  options: {},
  positionals: { least: 1, most: Number.POSITIVE_INFINITY, names: ['IMAGE'] },
  examples: [
    { command: 'glovebox image remove old-browser && glovebox gc', does: 'Remove one, and free the disk' },
  ],
  run: async ({ words }) => {
    const { images } = new Glovebox()
    for (const image of words) await images.remove(image)
    return undefined
  },
})
