import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'
import { withProgress } from '../progress.ts'
import { printTools } from './tools-show.ts'

export const command = defineCommand({
  name: 'tools update',
  summary: 'Build the virtual machine monitors and guest kernels from what is current',
  usage: '[--json]',
  about: `Asks the mirror for updates of QEMU, gVisor and the kernels of guests, security updates among them, and builds \
the image that they come from anew where there are any. Boxes that run keep theirs; the next ones start with the new.`,
  options: { json: { help: 'Print JSON' } },
  positionals: { least: 0, most: 0, names: [] },
  examples: [{ command: 'glovebox tools update', does: 'Bring in security updates of the monitors' }],
  run: async ({ options }, { signal }) => {
    const { tools } = new Glovebox()
    const updated = await withProgress((onProgress) => tools.update({ onProgress, signal: signal() }))
    if (options.json) return printJson(updated)
    printTools(updated.tools)
    return updated.unchanged ? printLine('Nothing has changed.') : undefined
  },
})
