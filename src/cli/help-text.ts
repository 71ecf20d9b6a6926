import type { Command, OptionSpec, OptionSpecs } from './command.ts'
import { COMMAND_GROUPS, type ListedCommand } from './command-list.ts'
import { styled, wrap } from './text.ts'

export interface HelpStyle {
  readonly width: number
  readonly colour: boolean
}

/** `glovebox --help` */
export function overview(style: HelpStyle, topics: readonly string[]): string {
  const widest = Math.max(
    ...COMMAND_GROUPS.flatMap(({ commands }) => commands.map(({ name }) => name.length)),
  )
  const groups = COMMAND_GROUPS.map(({ title, commands }) =>
    [
      heading(title, style),
      ...commands.map(({ name, summary }) => `  ${name.padEnd(widest)}  ${summary}`),
    ].join('\n'),
  )
  return [
    'Glovebox runs an application you do not trust in a sealed, disposable box.',
    `${heading('Usage', style)}\n  glovebox COMMAND [OPTIONS] …`,
    ...groups,
    `${heading('Topics', style)}\n  ${topics.join(', ')}\n`,
    'Explain one: glovebox help COMMAND, or glovebox help TOPIC',
  ].join('\n\n')
}

/** `glovebox image --help` */
export function groupHelp(name: string, commands: readonly ListedCommand[], style: HelpStyle): string {
  const widest = Math.max(...commands.map((one) => one.name.length))
  const lines = commands.map((one) => `  glovebox ${one.name.padEnd(widest)}  ${one.summary}`)
  return `${heading(`Commands of glovebox ${name}`, style)}\n${lines.join('\n')}\n\nExplain one: glovebox help ${name} …`
}

/** `glovebox COMMAND --help` */
export function commandHelp(command: Command, style: HelpStyle): string {
  const { width } = style
  const parts = [
    `${command.summary}.`,
    `${heading('Usage', style)}\n  glovebox ${command.name} ${command.usage}`,
    wrap(command.about, width),
  ]
  const options = optionLines({ ...command.options, help: { short: 'h', help: 'Show this text' } }, width)
  parts.push(`${heading('Options', style)}\n${options}`)
  const examples = command.examples.map(
    (one) => `  ${styled(one.command, 'bold', style.colour)}\n      ${one.does}`,
  )
  parts.push(`${heading('Examples', style)}\n${examples.join('\n')}`)
  return parts.join('\n\n')
}

const heading = (text: string, style: HelpStyle): string => styled(text, 'bold', style.colour)

function optionLines(options: OptionSpecs, width: number): string {
  const rows = Object.entries(options).map(([name, spec]) => [flagWords(name, spec), spec.help] as const)
  const widest = Math.max(...rows.map(([flags]) => flags.length))
  return rows
    .map(([flags, help]) => {
      const [first = '', ...rest] = wrap(help, Math.max(30, width - widest - 4)).split('\n')
      const indent = ' '.repeat(widest + 4)
      return [`  ${flags.padEnd(widest)}  ${first}`, ...rest.map((line) => indent + line)].join('\n')
    })
    .join('\n')
}

function flagWords(name: string, spec: OptionSpec): string {
  const short = spec.short === undefined ? '    ' : `-${spec.short}, `
  const long = spec.negatable ? `--${name}, --no-${name}` : `--${name}`
  return `${short}${long}${spec.value === undefined ? '' : ` ${spec.value}`}`
}
