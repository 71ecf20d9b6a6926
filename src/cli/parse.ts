import { didYouMean } from '../policy/nearest.ts'
import { quote } from '../policy/quote.ts'
import type { Command, Input, OptionSpec, OptionSpecs } from './command.ts'
import { usageError } from './usage-error.ts'

type Value = string | boolean | string[]

/**
 * Reads the words behind a command's name by its declarations alone. Strict: what is not declared is refused, with
 * the name that was probably meant. `--NAME VALUE`, `--NAME=VALUE`, `-n VALUE`, `-nVALUE`, `-ab` for two switches.
 *
 * @throws GloveboxError UNKNOWN_OPTION, BAD_OPTION, REPEATED_OPTION, BAD_WORDS
 */
export function parseWords(command: Command, argv: readonly string[]): Input<OptionSpecs> {
  const values = new Map<string, Value>()
  const words: string[] = []
  let rest: readonly string[] = []
  const queue = [...argv]
  const { positionals } = command
  while (queue.length > 0) {
    const word = queue.shift() ?? ''
    if (word === '--') {
      rest = queue
      break
    }
    if (word.startsWith('--')) takeLong(command, word, queue, values)
    else if (word.startsWith('-') && word !== '-') takeShort(command, word, queue, values)
    else if (positionals.command !== undefined && words.length >= positionals.command.leading) {
      rest = [word, ...queue]
      break
    } else words.push(word)
  }
  // Without a command line of its own, `--` only says that no option follows.
  if (positionals.command === undefined) words.push(...rest)
  checkCount(command, words)
  return {
    options: withDefaults(command.options, values),
    words,
    command: positionals.command === undefined ? [] : rest,
  }
}

function takeLong(command: Command, word: string, queue: string[], values: Map<string, Value>): void {
  const at = word.indexOf('=')
  const name = at < 0 ? word.slice(2) : word.slice(2, at)
  const given = at < 0 ? undefined : word.slice(at + 1)
  const positive = name.startsWith('no-') ? name.slice(3) : undefined
  if (positive !== undefined && own(command.options, positive)?.negatable && given === undefined) {
    set(values, positive, own(command.options, positive), false)
    return
  }
  const spec = own(command.options, name)
  if (spec === undefined) throw unknown(command, `--${name}`)
  if (spec.value === undefined && given !== undefined)
    throw bad(command, `--${name} is a switch and takes no value`)
  const value = spec.value === undefined ? true : (given ?? next(command, `--${name}`, spec, queue))
  set(values, name, spec, value)
}

function takeShort(command: Command, word: string, queue: string[], values: Map<string, Value>): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? ''
    const [name, spec] = Object.entries(command.options).find(([, one]) => one.short === letter) ?? []
    if (name === undefined || spec === undefined) throw unknown(command, `-${letter}`)
    if (spec.value === undefined) {
      set(values, name, spec, true)
      continue
    }
    const attached = word.slice(at + 1)
    set(values, name, spec, attached === '' ? next(command, `-${letter}`, spec, queue) : attached)
    return
  }
}

function next(command: Command, flag: string, spec: OptionSpec, queue: string[]): string {
  const value = queue.shift()
  // A following option is a forgotten value; a value that begins so is written --name=-value.
  if (value === undefined || (value.startsWith('-') && value !== '-'))
    throw bad(command, `${flag} needs a value (${spec.value})`)
  return value
}

function set(values: Map<string, Value>, name: string, spec: OptionSpec | undefined, value: Value): void {
  const before = values.get(name)
  if (spec?.many && typeof value === 'string')
    values.set(name, [...(Array.isArray(before) ? before : []), value])
  else if (before !== undefined && before !== value)
    throw usageError(
      'REPEATED_OPTION',
      `Cannot take --${name} twice: it was given two values.`,
      'Leave one of them away.',
    )
  else values.set(name, value)
}

function own(options: OptionSpecs, name: string): OptionSpec | undefined {
  return Object.hasOwn(options, name) ? options[name] : undefined
}

function withDefaults(specs: OptionSpecs, values: ReadonlyMap<string, Value>): Record<string, never> {
  const entries = Object.entries(specs).map(([name, spec]) => {
    const missing = spec.many ? [] : spec.value !== undefined || spec.negatable ? undefined : false
    return [name, values.get(name) ?? missing]
  })
  return Object.fromEntries(entries)
}

function checkCount(command: Command, words: readonly string[]): void {
  const { least, most, names } = command.positionals
  if (words.length < least)
    throw usageError(
      'BAD_WORDS',
      `Cannot run glovebox ${command.name}: ${names[words.length] ?? 'a word'} is missing.`,
      seeHelp(command),
    )
  if (words.length > most)
    throw usageError(
      'BAD_WORDS',
      `Cannot run glovebox ${command.name}: ${quote(words[most] ?? '')} is one word too many.`,
      seeHelp(command),
    )
}

function unknown(command: Command, flag: string): Error {
  const flags = Object.keys(command.options).map((name) => `--${name}`)
  return usageError(
    'UNKNOWN_OPTION',
    `Cannot run glovebox ${command.name}: it has no option ${quote(flag)}.${didYouMean(flag, flags)}`,
    seeHelp(command),
  )
}

function bad(command: Command, why: string): Error {
  return usageError('BAD_OPTION', `Cannot run glovebox ${command.name}: ${why}.`, seeHelp(command))
}

const seeHelp = (command: Command): string => `See: glovebox ${command.name} --help`
