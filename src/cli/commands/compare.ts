import { ENGINE_NAMES } from '../../plan/engine-names.ts'
import { defineCommand } from '../command.ts'
import { checkCompare, readParts } from '../compare-options.ts'
import { holdExam, measurePrice } from '../compare-parts.ts'
import { writeComparison } from '../compare-reports.ts'
import { POLICY_OPTIONS } from '../policy-options.ts'

export const command = defineCommand({
  name: 'compare',
  summary: 'Show what each technology gives and what it costs, side by side',
  usage: '[OPTIONS]',
  about: `Holds the isolation exam and measures the price of each engine on this machine, under the same policy and with the same \
image, and shows both as one table: assets and verdicts by technology, and below it the price against the bare host. With -o it \
writes a page, too, with benefit plotted against price and each probe with its evidence, and the same as JSON beside it. The \
page needs nothing but itself. With --markdown it writes a document: the answer in plain words, what surprised, and the tables behind \
both.

Other sandboxes are examined, but not measured. Where an engine cannot give a figure, the table says why; figures of an emulated \
processor are marked, and what is within the noise is called equal.

The exit code is 0 when both are there, whatever they say: glovebox exam is what ends with 1 for a breach.`,
  options: {
    engine: {
      value: 'ENGINE',
      many: true,
      help: 'Engine to compare (default: all)',
      choices: [...ENGINE_NAMES, 'all'],
    },
    foreign: {
      value: 'NAMES',
      many: true,
      help: 'Also other sandboxes, with commas: firejail,podman; all that are here',
    },
    image: { value: 'IMAGE', short: 'i', help: 'Image of the boxes (default base)' },
    only: {
      value: 'NAMES',
      many: true,
      help: 'Assets, probes or numbers to ask, with commas: files,kernel,56',
    },
    quick: { help: 'Measure with fewer and shorter runs: wider intervals' },
    neighbours: { help: 'Also measure what a box that misbehaves does to a good one' },
    exam: { value: 'FILE', help: 'Take this result of glovebox exam --json' },
    price: { value: 'FILE', help: 'Take this result of glovebox price --json' },
    output: { value: 'FILE', short: 'o', help: 'Write a page: FILE.html, and FILE.json beside it' },
    markdown: { value: 'FILE', help: 'Write a document, too: the answer in plain words, and its tables' },
    json: { help: 'Print JSON' },
    ...POLICY_OPTIONS,
  },
  positionals: { least: 0, most: 0, names: [] },
  examples: [
    { command: 'glovebox compare -o report.html', does: 'Compare every technology, with a page' },
    {
      command: 'glovebox compare --engine container --engine gvisor --foreign firejail --quick',
      does: 'Compare two of them, and another sandbox, in less time',
    },
    {
      command: 'glovebox compare --neighbours --markdown report.md',
      does: 'Answer in plain words what it gives and costs, neighbours included',
    },
    {
      command: 'glovebox compare --exam exam.json --price price.json -o report.html',
      does: 'Make the page of what is known already',
    },
  ],
  run: async ({ options }, { signal }) => {
    checkCompare(options)
    const given = readParts(options)
    const exam = given.exam ?? (await holdExam(options, signal()))
    const price = given.price ?? (await measurePrice(options, signal()))
    await writeComparison({ version: 1, exam, price }, options)
  },
})
