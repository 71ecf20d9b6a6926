import { explainProbe } from '../../report/explain.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'
import { textStyle } from '../text-style.ts'
import { usageError } from '../usage-error.ts'

export const command = defineCommand({
  name: 'exam explain',
  summary: 'Say what a probe did, what it saw here, how to close it and what that costs',
  usage: 'PROBE [--json]',
  about: `Explains a probe by its name or its number: what it does, what it saw in the newest exam on this machine, what it stands \
for, how the hole is closed, and what that costs.`,
  options: { json: { help: 'Print JSON' } },
  positionals: { least: 1, most: 1, names: ['PROBE'] },
  examples: [{ command: 'glovebox exam explain terminal-push-input', does: 'Understand one probe' }],
  run: async ({ options, words: [name = ''] }) => {
    const { exams } = new Glovebox()
    const probes = (await exams.probes()).filter(({ id, number }) => id === name || String(number) === name)
    if (probes.length === 0)
      throw usageError(
        'UNKNOWN_PROBE',
        `Cannot explain ${JSON.stringify(name)}: there is no probe of this name or number.`,
        'List them with: glovebox exam list',
      )
    const explained = await Promise.all(
      probes.map(async ({ plant: _plant, ...probe }) => ({ probe, newest: await exams.newest(probe.id) })),
    )
    if (options.json) return printJson(explained)
    return printLine(
      explained.map(({ probe, newest }) => explainProbe(probe, newest, textStyle())).join('\n\n'),
    )
  },
})
