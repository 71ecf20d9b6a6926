import { didYouMean } from '../../policy/nearest.ts'
import { quote } from '../../policy/quote.ts'
import { VERSION } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { COMMANDS } from '../command-list.ts'
import { commandHelp, groupHelp, overview } from '../help-text.ts'
import { printLine } from '../print.ts'
import { hasColour } from '../text.ts'
import { TOPICS } from '../topics.ts'
import { usageError } from '../usage-error.ts'

export const command = defineCommand({
  name: 'help',
  summary: 'Explain a command or a topic',
  usage: '[COMMAND | TOPIC]',
  about: `Explains a command with its options and examples, or a topic: ${Object.keys(TOPICS).join(', ')}.`,
  options: { version: { help: 'Print the version' } },
  positionals: { least: 0, most: 2, names: ['COMMAND'] },
  examples: [
    { command: 'glovebox help run', does: 'Explain glovebox run; the same as glovebox run --help' },
    { command: 'glovebox help policy', does: 'What a box may do, and how to change it' },
  ],
  run: ({ options, words }, { load }) => {
    if (options.version) return printLine(`glovebox ${VERSION}`)
    const width = Math.min(100, process.stdout.columns ?? 100)
    const style = { width, colour: hasColour(process.stdout) }
    const asked = words.join(' ')
    if (asked === '') return printLine(overview(style, Object.keys(TOPICS)))
    const group = COMMANDS.filter(({ name }) => name.startsWith(`${asked} `))
    const topic = Object.hasOwn(TOPICS, asked) ? TOPICS[asked] : undefined
    // A word may be both, as engines and network are.
    const parts = [
      ...(COMMANDS.some(({ name }) => name === asked) ? [commandHelp(load(asked), style)] : []),
      ...(group.length > 0 ? [groupHelp(asked, group, style)] : []),
      ...(topic === undefined ? [] : [topic.replace(/^\n|\n$/g, '')]),
    ]
    if (parts.length > 0) return printLine(parts.join('\n\n'))
    const names = [...COMMANDS.map(({ name }) => name), ...Object.keys(TOPICS)]
    throw usageError(
      'UNKNOWN_TOPIC',
      `Cannot explain ${quote(asked)}: there is no command or topic of this name.${didYouMean(asked, names)}`,
      `See: glovebox --help`,
    )
  },
})
