import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'

export const command = defineCommand({
  name: 'gc',
  summary: 'Remove what ended boxes and interrupted builds left behind',
  usage: '[--json]',
  about: `Removes what is left of boxes that were killed or have ended, what interrupted builds left, what a killed exam has planted, and layers that no \
image and no kept box needs. Kept boxes, homes and images stay. The next run does the most urgent part by itself.`,
  options: { json: { help: 'Print JSON' } },
  positionals: { least: 0, most: 0, names: [] },
  examples: [{ command: 'glovebox gc', does: 'Tidy up' }],
  run: async ({ options }) => {
    const removed = await new Glovebox().gc()
    if (options.json) return printJson(removed)
    return printLine(
      `Removed ${removed.boxes} ended boxes, ${removed.images} unused parts of images and what ${removed.exams} killed exams left.`,
    )
  },
})
