import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { POLICY_OPTIONS, readPolicy } from '../policy-options.ts'
import { printJson, printLine } from '../print.ts'
import { withProgress } from '../progress.ts'
import { engineOf } from '../run-options.ts'
import { bytesInWords } from '../text.ts'

export const command = defineCommand({
  name: 'snapshot',
  summary: 'Keep the memory of a booted machine, for boxes to start from',
  usage: '[OPTIONS]',
  about: `Boots the virtual machine of an image and policy once, and keeps its memory: \`glovebox run --warm\` with the \
same engine, image and limits then goes on from it instead of booting. (The first such run makes it, too.) No command \
has run in a kept machine. Each box that comes of it gets random numbers, a machine-id, a hostname and a clock of its own.

User-Mode Linux cannot be kept, and boots in the time that a kept machine takes to go on.`,
  options: {
    image: { value: 'IMAGE', short: 'i', help: 'Image of the boxes: a name or a digest (default base)' },
    engine: { value: 'ENGINE', help: 'Virtual machine: vm (default) or microvm', choices: ['microvm', 'vm'] },
    ...POLICY_OPTIONS,
    json: { help: 'Print JSON' },
  },
  positionals: { least: 0, most: 0, names: [] },
  examples: [{ command: 'glovebox snapshot --image shell', does: 'Prepare quick starts of the image shell' }],
  run: async ({ options }) => {
    const { snapshots } = new Glovebox()
    const { image, engine = 'vm' } = options
    const request = { ...(image === undefined ? {} : { image }), engine: engineOf(engine) }
    const policy = await readPolicy(options)
    const kept = await withProgress((onProgress) => snapshots.ensure({ ...request, policy }, { onProgress }))
    if (options.json) return printJson(kept)
    const { id, memoryBytes, sizeBytes } = kept
    return printLine(
      `${id}  ${kept.engine} of ${kept.image.ref}, ${bytesInWords(memoryBytes)} of memory, ${bytesInWords(sizeBytes)} on the disk`,
    )
  },
})
