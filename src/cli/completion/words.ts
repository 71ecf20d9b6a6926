import type { Command, OptionSpec } from '../command.ts'

/** Flags of a command as they are typed, the long ones and their contraries. */
export function longFlags(command: Command): string[] {
  return Object.entries(command.options).flatMap(([name, spec]) =>
    spec.negatable ? [`--${name}`, `--no-${name}`] : [`--${name}`],
  )
}

/** First words of all commands, and the second words of groups such as `image`. */
export function commandTree(commands: readonly Command[]): ReadonlyMap<string, readonly string[]> {
  const tree = new Map<string, string[]>()
  for (const { name } of commands) {
    const [first = '', second] = name.split(' ')
    tree.set(first, [...(tree.get(first) ?? []), ...(second === undefined ? [] : [second])])
  }
  return tree
}

/** What the word behind an option or command can be, as far as a shell can find out. */
export type ValueKind = 'box' | 'image' | 'file' | 'choice' | 'other'

export function valueKind(spec: OptionSpec): ValueKind {
  if (spec.choices !== undefined) return 'choice'
  if (spec.value === 'IMAGE') return 'image'
  return spec.value === 'FILE' || spec.value === 'FOLDER' ? 'file' : 'other'
}

export function positionalKind(command: Command): ValueKind {
  const [first = ''] = command.positionals.names
  if (first === 'BOX') return 'box'
  if (first === 'IMAGE') return 'image'
  return ['FILE', 'RECIPE', 'SOURCE', 'SRC', 'PAGE.html'].includes(first) ? 'file' : 'other'
}

/** Prints names for shells to offer: asks glovebox itself, whose JSON is cut by sed as no other tool may be there. */
export const NAME_QUERIES = {
  box: `glovebox ps --all --json 2>/dev/null | sed -n 's/^ *"\\(id\\|name\\)": "\\([A-Za-z0-9._-]*\\)".*/\\2/p'`,
  image: `glovebox image list --json 2>/dev/null | sed -n 's/^ *"name": "\\([A-Za-z0-9._/:-]*\\)".*/\\1/p'`,
} as const

/** Text in single quotes for a shell. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
