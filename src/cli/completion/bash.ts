import type { Command } from '../command.ts'
import {
  commandTree,
  longFlags,
  NAME_QUERIES,
  positionalKind,
  shellQuote,
  type ValueKind,
  valueKind,
} from './words.ts'

/** A script for bash 4 or later; needs no further package. */
export function bashCompletion(commands: readonly Command[]): string {
  const tree = commandTree(commands)
  const groups = [...tree].filter(([, seconds]) => seconds.length > 0)
  return `# Completions of glovebox for bash, made by: glovebox completion bash
_glovebox() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} name=\${COMP_WORDS[1]} at
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W ${shellQuote([...tree.keys(), '--help', '--version'].join(' '))} -- "$word")
    return
  fi
  case $name in
    ${groups.map(([first]) => first).join('|')}) name="$name \${COMP_WORDS[2]}" ;;
  esac
  if [ "$COMP_CWORD" -eq 2 ]; then
    case \${COMP_WORDS[1]} in
${groups.map(([first, seconds]) => `      ${first}) mapfile -t COMPREPLY < <(compgen -W ${shellQuote(seconds.join(' '))} -- "$word"); return ;;`).join('\n')}
    esac
  fi
  # Behind two dashes stands somebody else's command line.
  for ((at = 2; at < COMP_CWORD; at++)); do
    if [ "\${COMP_WORDS[at]}" = -- ]; then mapfile -t COMPREPLY < <(compgen -f -- "$word"); return; fi
  done
  case $name in
${commands.map(commandCase).join('\n')}
  esac
}
complete -o filenames -o bashdefault -F _glovebox glovebox
`
}

function commandCase(command: Command): string {
  const withValue = Object.entries(command.options).filter(([, spec]) => spec.value !== undefined)
  const values = withValue.map(([name, spec]) => {
    const flags = [`--${name}`, ...(spec.short === undefined ? [] : [`-${spec.short}`])].join('|')
    return `        ${flags}) ${reply(valueKind(spec), spec.choices)}; return ;;`
  })
  const flags = [...longFlags(command), '--help'].join(' ')
  return [
    `    ${shellQuote(command.name)})`,
    ...(values.length === 0 ? [] : ['      case $before in', ...values, '      esac']),
    `      if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W ${shellQuote(flags)} -- "$word")`,
    `      else ${reply(positionalKind(command))}; fi ;;`,
  ].join('\n')
}

function reply(kind: ValueKind, choices: readonly string[] = []): string {
  if (kind === 'choice')
    return `mapfile -t COMPREPLY < <(compgen -W ${shellQuote(choices.join(' '))} -- "$word")`
  if (kind === 'file') return 'mapfile -t COMPREPLY < <(compgen -f -- "$word")'
  if (kind === 'other') return ':'
  return `mapfile -t COMPREPLY < <(compgen -W "$(${NAME_QUERIES[kind]})" -- "$word")`
}
