import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine, withoutControls } from '../print.ts'
import { usageError } from '../usage-error.ts'

export const command = defineCommand({
  name: 'image show',
  summary: 'Show what an image is made of',
  usage: '[--lock | --sbom] IMAGE',
  about: `Prints as JSON what an image is made of: its layers, configuration and users, and how many packages it has. \
With --lock or --sbom, which packages: the lock file, with every version and what the mirrors held, or the bill of \
materials in SPDX 2.3, which scanners for vulnerabilities read.`,
  options: {
    lock: { help: 'Print the lock file' },
    sbom: { help: 'Print the bill of materials (SPDX)' },
    json: { help: 'Print JSON, as it does anyway' },
  },
  positionals: { least: 1, most: 1, names: ['IMAGE'] },
  examples: [
    { command: 'glovebox image show browser', does: 'See user, command, layers and how many packages' },
    { command: 'glovebox image show browser --sbom', does: 'Hand it to a scanner for vulnerabilities' },
  ],
  run: async ({ options: { lock, sbom }, words: [image = ''] }) => {
    const { images } = new Glovebox()
    if (lock && sbom)
      throw usageError(
        'OPTIONS_CLASH',
        'Cannot show both: --lock and --sbom are two documents.',
        'Ask twice.',
      )
    if (!lock && !sbom) return printJson(await images.show(image))
    const text = await images.document(image, lock ? 'lock' : 'sbom')
    return printLine(withoutControls(text.trimEnd()))
  },
})
