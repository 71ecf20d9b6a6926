import { didYouMean } from '../policy/nearest.ts'
import { quote } from '../policy/quote.ts'
import type { Command, CommandContext } from './command.ts'
import { COMMANDS, type ListedCommand } from './command-list.ts'
import { parseWords } from './parse.ts'
import { usageError } from './usage-error.ts'

/** The names of commands are one word or two. */
function find(argv: readonly string[]): { listed: ListedCommand; rest: readonly string[] } | undefined {
  for (const length of [2, 1]) {
    const name = argv.slice(0, length).join(' ')
    const listed = COMMANDS.find((one) => one.name === name)
    if (listed !== undefined) return { listed, rest: argv.slice(length) }
  }
  return undefined
}

/** Loads the module of a command by the name of its file. */
export type LoadFile = (file: string) => unknown

function contextWith(loadFile: LoadFile): CommandContext {
  const load = (name: string): Command => {
    const listed = COMMANDS.find((one) => one.name === name)
    if (listed === undefined) throw noCommand([name])
    return (loadFile(listed.file) as { readonly command: Command }).command
  }
  return { signal: interrupted, load }
}

function noCommand(argv: readonly string[]): Error {
  const names = COMMANDS.map((one) => one.name)
  const group = names.filter((name) => name.startsWith(`${argv[0]} `))
  if (group.length > 0) {
    const [, second] = argv
    const given = second === undefined ? 'a further word is missing' : `it has no ${quote(second)}`
    const near = didYouMean(argv.slice(0, 2).join(' '), group)
    return usageError(
      'UNKNOWN_COMMAND',
      `Cannot run glovebox ${argv[0]}: ${given}.${near}`,
      `Choose from: ${group.join(', ')}`,
    )
  }
  return usageError(
    'UNKNOWN_COMMAND',
    `Cannot run ${quote(argv[0] ?? '')}: glovebox has no such command.${didYouMean(argv[0] ?? '', names)}`,
    'See: glovebox --help',
  )
}

/** Ctrl-C once: end in order. Twice: at once, as Node does by itself. */
function interrupted(): AbortSignal {
  const controller = new AbortController()
  const names = ['SIGINT', 'SIGTERM'] as const
  const stop = (): void => {
    for (const name of names) process.off(name, stop)
    controller.abort(new DOMException('Stopped.', 'AbortError'))
  }
  for (const name of names) process.on(name, stop)
  return controller.signal
}

/** Whether an option of ours, before any command line of the user's, is among the words. */
function asks(argv: readonly string[], ...flags: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).some((word) => flags.includes(word))
}

async function runCommand(argv: readonly string[], context: CommandContext): Promise<number> {
  const call = (name: string, words: readonly string[]): Promise<number> => callCommand(name, words, context)
  if (argv.length === 0 || argv[0] === '--help' || argv[0] === '-h') return call('help', [])
  if (argv[0] === '--version' || argv[0] === '-V') return call('help', ['--version'])
  const found = find(argv)
  // `glovebox image --help` explains the whole group.
  if (found === undefined && asks(argv.slice(1), '--help', '-h')) return call('help', argv.slice(0, 1))
  if (found === undefined) throw noCommand(argv)
  return call(found.listed.name, found.rest)
}

async function callCommand(name: string, argv: readonly string[], context: CommandContext): Promise<number> {
  const command = context.load(name)
  const leading = command.positionals.command === undefined ? argv : ownWords(command, argv)
  if (asks(leading, '--help', '-h')) return callCommand('help', command.name.split(' '), context)
  return (await command.run(parseWords(command, argv), context)) ?? 0
}

/** The words before the user's own command line: a --help in that one is not for us. */
function ownWords(command: Command, argv: readonly string[]): readonly string[] {
  let plain = 0
  for (const [at, word] of argv.entries()) {
    if (word === '--') return argv.slice(0, at)
    const before = argv[at - 1] ?? ''
    const takesValue = Object.entries(command.options).some(
      ([name, spec]) => spec.value !== undefined && (before === `--${name}` || before === `-${spec.short}`),
    )
    if (word.startsWith('-') || takesValue) continue
    if (plain++ === command.positionals.command?.leading) return argv.slice(0, at)
  }
  return argv
}

/** Runs the words of the command line, and leaves the exit code with the process. */
export async function main(loadFile: LoadFile): Promise<void> {
  // The launcher's word to this very Node; what is started from here shall not have it.
  delete process.env['NODE_COMPILE_CACHE']
  const argv = process.argv.slice(2)
  try {
    process.exitCode = await runCommand(argv, contextWith(loadFile))
  } catch (error) {
    const { exitCodeOf, reportError } = await import('./report-error.ts')
    reportError(error, asks(argv, '--json'))
    process.exitCode = exitCodeOf(error)
  }
}
