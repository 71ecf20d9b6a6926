import type { BoxSummary } from '../../sdk.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printTable } from '../print.ts'
import { ageInWords, shortDigest } from '../text.ts'

export const command = defineCommand({
  name: 'ps',
  summary: 'List boxes',
  usage: '[--all] [--json]',
  about: 'Lists the boxes that run, and with --all also those that are kept or have ended.',
  options: {
    all: { short: 'a', help: 'Kept and ended boxes, too' },
    json: { help: 'Print JSON' },
  },
  positionals: { least: 0, most: 0, names: [] },
  examples: [
    { command: 'glovebox ps', does: 'See what is running' },
    { command: 'glovebox ps --all --json', does: 'For a program' },
  ],
  run: ({ options }) => {
    const boxes = new Glovebox().boxes.list().filter((box) => options.all || isAlive(box))
    if (options.json) return printJson(boxes)
    return printTable(['ID', 'NAME', 'STATE', 'ENGINE', 'IMAGE', 'AGE', 'COMMAND'], boxes.map(rowOf))
  },
})

const isAlive = ({ state }: BoxSummary): boolean => state === 'starting' || state === 'running'

function rowOf(box: BoxSummary): string[] {
  const age = box.startedAt === undefined ? '-' : ageInWords(new Date(box.startedAt), new Date())
  const state = box.exitCode === undefined ? box.state : `${box.state} (${box.exitCode})`
  return [box.id, box.name ?? '-', state, box.engine, shortDigest(box.image), age, box.command.join(' ')]
}
