import { printable } from '../../policy/quote.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'
import { withProgress } from '../progress.ts'

export const command = defineCommand({
  name: 'image verify',
  summary: 'Check images against their digests',
  usage: '[--repair] [--json] [IMAGE]',
  about: `Reads every blob of an image, or of all, and compares it with its digest, and the unpacked trees with their \
records. The exit code is 1 where something is wrong.`,
  options: {
    repair: { help: 'Unpack again what is missing or changed' },
    json: { help: 'Print JSON' },
  },
  positionals: { least: 0, most: 1, names: ['IMAGE'] },
  examples: [
    { command: 'glovebox image verify', does: 'Check the whole store' },
    { command: 'glovebox image verify browser --repair', does: 'Check one, and mend it' },
  ],
  run: async ({ options, words: [image] }) => {
    const { images } = new Glovebox()
    const { repair } = options
    const verified = await withProgress((onProgress) => images.verify(image, { repair, onProgress }))
    if (options.json) printJson(verified)
    else for (const problem of verified.problems) printLine(printable(problem))
    if (!options.json) printLine(`Checked ${verified.checked}; ${verified.problems.length} problems.`)
    return verified.problems.length === 0 ? 0 : 1
  },
})
