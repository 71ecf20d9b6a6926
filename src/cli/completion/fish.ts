import type { Command, OptionSpec } from '../command.ts'
import { commandTree, NAME_QUERIES, positionalKind, type ValueKind, valueKind } from './words.ts'

/** A script for fish 3 or later. */
export function fishCompletion(commands: readonly Command[]): string {
  const tree = commandTree(commands)
  const lines = [
    '# Completions of glovebox for fish, made by: glovebox completion fish',
    'complete -c glovebox -f',
  ]
  for (const [first, seconds] of tree) {
    const summary = commands.find(({ name }) => name === first)?.summary ?? `Commands about ${first}`
    lines.push(`complete -c glovebox -n __fish_use_subcommand -a ${first} -d ${fishQuote(summary)}`)
    const unsaid = `__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${seconds.join(' ')}`
    for (const second of seconds) {
      const about = commands.find(({ name }) => name === `${first} ${second}`)?.summary ?? ''
      lines.push(`complete -c glovebox -n ${fishQuote(unsaid)} -a ${second} -d ${fishQuote(about)}`)
    }
  }
  return `${[...lines, ...commands.flatMap(commandLines)].join('\n')}\n`
}

function commandLines(command: Command): string[] {
  const said = command.name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
  const head = `complete -c glovebox -n ${fishQuote(said.join('; and '))}`
  const options = Object.entries(command.options).map(([name, spec]) => `${head} ${optionWords(name, spec)}`)
  const words = offered(positionalKind(command))
  return words === '' ? options : [...options, `${head}${words}`]
}

function optionWords(name: string, spec: OptionSpec): string {
  const short = spec.short === undefined ? '' : `-s ${spec.short} `
  const kind = valueKind(spec)
  /* -r alone would offer files beside what there is to choose from (complete(1) of fish). */
  const takes = kind === 'file' ? ' -r' : ' -x'
  const value = spec.value === undefined ? '' : `${takes}${offered(kind, spec.choices)}`
  return `${short}-l ${name} -d ${fishQuote(spec.help)}${value}`
}

function offered(kind: ValueKind, choices: readonly string[] = []): string {
  if (kind === 'choice') return ` -a ${fishQuote(choices.join(' '))}`
  if (kind === 'file') return ' -F'
  return kind === 'other' ? '' : ` -a ${fishQuote(`(${NAME_QUERIES[kind]})`)}`
}

/** fish knows two escapes within single quotes. */
function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
