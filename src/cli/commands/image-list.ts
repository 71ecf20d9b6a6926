import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printTable } from '../print.ts'
import { ageInWords, bytesInWords, shortDigest } from '../text.ts'

export const command = defineCommand({
  name: 'image list',
  summary: 'List images',
  usage: '[--json]',
  about: 'Lists the images of the store, with the size of what they consist of; images share their layers.',
  options: { json: { help: 'Print JSON' } },
  positionals: { least: 0, most: 0, names: [] },
  examples: [{ command: 'glovebox image list', does: 'See which images there are' }],
  run: async ({ options }) => {
    const images = await new Glovebox().images.list()
    if (options.json) return printJson(images)
    return printTable(
      ['NAME', 'DIGEST', 'SIZE', 'LAYERS', 'AGE'],
      images.map(({ name, digest, sizeBytes, layers, createdAt }) => [
        name ?? '-',
        shortDigest(digest),
        bytesInWords(sizeBytes),
        String(layers),
        createdAt === undefined ? '-' : ageInWords(new Date(createdAt), new Date()),
      ]),
    )
  },
})
