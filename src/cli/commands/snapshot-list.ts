import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printTable } from '../print.ts'
import { ageInWords, bytesInWords } from '../text.ts'

export const command = defineCommand({
  name: 'snapshot list',
  summary: 'List the kept memories of booted machines',
  usage: '[--json]',
  about: 'Lists what `glovebox run --warm` starts from. What is not used for 7 days goes with `glovebox gc`.',
  options: { json: { help: 'Print JSON' } },
  positionals: { least: 0, most: 0, names: [] },
  examples: [{ command: 'glovebox snapshot list', does: 'See what is kept, and what it takes of the disk' }],
  run: async ({ options }) => {
    const kept = await new Glovebox().snapshots.list()
    if (options.json) return printJson(kept)
    return printTable(
      ['ID', 'ENGINE', 'IMAGE', 'MEMORY', 'ON DISK', 'AGE'],
      kept.map((one) => [
        one.id,
        one.engine,
        one.image.ref,
        bytesInWords(one.memoryBytes),
        bytesInWords(one.sizeBytes),
        ageInWords(new Date(one.createdAt), new Date()),
      ]),
    )
  },
})
