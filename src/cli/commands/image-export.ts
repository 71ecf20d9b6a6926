import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  name: 'image export',
  summary: 'Write an image to a folder or archive',
  usage: 'IMAGE DESTINATION',
  about: 'DESTINATION is oci:FOLDER, oci-archive:FILE or docker-archive:FILE:NAME, which other tools read.',
  options: {},
  positionals: { least: 2, most: 2, names: ['IMAGE', 'DESTINATION'] },
  examples: [
    { command: 'glovebox image export browser oci-archive:browser.tar', does: 'Take it to another machine' },
  ],
  run: async ({ words: [image = '', destination = ''] }) => {
    await new Glovebox().images.export(image, destination)
    return undefined
  },
})
