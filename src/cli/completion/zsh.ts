import type { Command, OptionSpec } from '../command.ts'
import { commandTree, NAME_QUERIES, positionalKind, shellQuote, type ValueKind, valueKind } from './words.ts'

/** A script for zsh 5: a file `_glovebox` in a folder of fpath. */
export function zshCompletion(commands: readonly Command[]): string {
  const tree = commandTree(commands)
  const groups = [...tree].filter(([, seconds]) => seconds.length > 0)
  const described = [...tree.keys()].map((first) => {
    const summary = commands.find(({ name }) => name === first)?.summary ?? `Commands about ${first}`
    return shellQuote(`${first}:${summary}`)
  })
  return `#compdef glovebox
# Completions of glovebox for zsh, made by: glovebox completion zsh
_glovebox_boxes() { compadd -- $(${NAME_QUERIES.box}) }
_glovebox_images() { compadd -- $(${NAME_QUERIES.image}) }
_glovebox() {
  local name=$words[2] skip=1
  local -a commands=(${described.join(' ')})
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case $name in
${groups.map(([first, seconds]) => `    ${first}) if (( CURRENT == 3 )); then compadd ${seconds.join(' ')}; return; fi; name="$name $words[3]"; skip=2 ;;`).join('\n')}
  esac
  shift skip words
  (( CURRENT -= skip ))
  case $name in
${commands.map(commandCase).join('\n')}
  esac
}
if [ "$funcstack[1]" = _glovebox ]; then _glovebox "$@"; else compdef _glovebox glovebox; fi
`
}

function commandCase(command: Command): string {
  const options = Object.entries(command.options).flatMap(([name, spec]) => optionSpecs(name, spec))
  const rest = command.positionals.command === undefined ? action(positionalKind(command)) : '_normal'
  const first = command.positionals.command?.leading === 1 ? [shellQuote(`1:box:${action('box')}`)] : []
  const all = [...options, ...first, shellQuote(`*:: :${rest}`)]
  return `    ${shellQuote(command.name)}) _arguments -S ${all.join(' ')} ;;`
}

function optionSpecs(name: string, spec: OptionSpec): string[] {
  const help = spec.help.replaceAll(/[[\]:]/g, (character) => `\\${character}`)
  const value =
    spec.value === undefined
      ? ''
      : `:${spec.value.toLowerCase().replaceAll(':', '\\:')}:${action(valueKind(spec), spec.choices)}`
  const many = spec.many ? '*' : ''
  const flags = [
    `--${name}`,
    ...(spec.negatable ? [`--no-${name}`] : []),
    ...(spec.short === undefined ? [] : [`-${spec.short}`]),
  ]
  return flags.map((flag) => shellQuote(`${many}${flag}[${help}]${value}`))
}

function action(kind: ValueKind, choices: readonly string[] = []): string {
  if (kind === 'choice') return `(${choices.join(' ')})`
  if (kind === 'file') return '_files'
  if (kind === 'box') return '_glovebox_boxes'
  return kind === 'image' ? '_glovebox_images' : ' '
}
