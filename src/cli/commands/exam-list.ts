import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printTable } from '../print.ts'

export const command = defineCommand({
  name: 'exam list',
  summary: 'List the probes of the exam',
  usage: '[--json]',
  about:
    'Lists every probe with its number in the catalogue, the asset that it is about, and what a breach of it means.',
  options: { json: { help: 'Print JSON' } },
  positionals: { least: 0, most: 0, names: [] },
  examples: [{ command: 'glovebox exam list', does: 'See what the exam asks' }],
  run: async ({ options }) => {
    const probes = await new Glovebox().exams.probes()
    if (options.json) return printJson(probes.map(({ plant: _plant, ...words }) => words))
    const rows = probes.map(({ number, id, severity, title }) => [String(number), id, severity, title])
    return printTable(['NUMBER', 'PROBE', 'SEVERITY', 'A BREACH WOULD'], rows)
  },
})
