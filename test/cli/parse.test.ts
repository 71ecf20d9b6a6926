import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Command, defineCommand, type OptionSpecs } from '../../src/cli/command.ts'
import { parseWords } from '../../src/cli/parse.ts'

const OPTIONS = {
  memory: { value: 'SIZE', short: 'm', help: '' },
  env: { value: 'NAME=VALUE', short: 'e', many: true, help: '' },
  all: { short: 'a', help: '' },
  quiet: { short: 'q', help: '' },
  tty: { short: 't', negatable: true, help: '' },
} as const satisfies OptionSpecs

const define = (positionals: Command['positionals']): Command =>
  defineCommand({
    ...{ name: 'test', summary: '', usage: '', about: '', examples: [], options: OPTIONS },
    positionals,
    run: () => undefined,
  })
const PLAIN = define({ least: 0, most: 2, names: ['A', 'B'] })
const RUN = define({ least: 0, most: 0, names: [], command: { leading: 0 } })
const EXEC = define({ least: 1, most: 1, names: ['BOX'], command: { leading: 1 } })

const parsed: readonly [
  claim: string,
  command: Command,
  argv: string,
  options: object,
  words: string[],
  rest: string[],
][] = [
  ['a value behind its name', PLAIN, '--memory 1G', { memory: '1G' }, [], []],
  ['a value behind an equals sign', PLAIN, '--memory=1G=2', { memory: '1G=2' }, [], []],
  ['an empty value, said', PLAIN, '--memory=', { memory: '' }, [], []],
  ['short names, joined and apart', PLAIN, '-aqm1G x', { all: true, quiet: true, memory: '1G' }, ['x'], []],
  ['a list', PLAIN, '-e A=1 --env B=2', { env: ['A=1', 'B=2'] }, [], []],
  ['a switch said twice', PLAIN, '--all -a', { all: true }, [], []],
  ['a switch denied', PLAIN, '--no-tty', { tty: false }, [], []],
  ['options behind words', PLAIN, 'x --all y', { all: true }, ['x', 'y'], []],
  ['words behind two dashes', PLAIN, '-- --all -x', {}, ['--all', '-x'], []],
  ['a dash is a word', PLAIN, '- x', {}, ['-', 'x'], []],
  ['a command line is left alone', RUN, '-a ls --all -x', { all: true }, [], ['ls', '--all', '-x']],
  ['a command line behind two dashes', RUN, '-a -- --all', { all: true }, [], ['--all']],
  ['two dashes of the command itself', RUN, '-- git -- x', {}, [], ['git', '--', 'x']],
  ['a box, and its command line', EXEC, '-a web -q ls -a', { all: true, quiet: true }, ['web'], ['ls', '-a']],
  ['a box, two dashes, and its command line', EXEC, 'web -- ls', {}, ['web'], ['ls']],
]
const DEFAULTS = { memory: undefined, env: [], all: false, quiet: false, tty: undefined }
for (const [claim, command, argv, options, words, rest] of parsed)
  test(`words are read: ${claim}`, () => {
    const input = parseWords(command, argv.split(' '))
    assert.deepEqual(input, { options: { ...DEFAULTS, ...options }, words, command: rest })
  })

const refused: readonly [claim: string, command: Command, argv: string, code: string, message: RegExp][] = [
  ['an unknown option, with the near one', PLAIN, '--memroy 1', 'UNKNOWN_OPTION', /Did you mean --memory\?/],
  ['an unknown letter', PLAIN, '-az', 'UNKNOWN_OPTION', /"-z"/],
  ['a name of every object', PLAIN, '--constructor', 'UNKNOWN_OPTION', /"--constructor"/],
  ['a denial of what cannot be denied', PLAIN, '--no-all', 'UNKNOWN_OPTION', /"--no-all"/],
  ['a value that is missing', PLAIN, '--memory', 'BAD_OPTION', /needs a value \(SIZE\)/],
  ['a value that looks like an option', PLAIN, '--memory --all', 'BAD_OPTION', /needs a value/],
  ['a switch with a value', PLAIN, '--all=yes', 'BAD_OPTION', /takes no value/],
  ['two values for one', PLAIN, '--memory 1 -m 2', 'REPEATED_OPTION', /two values/],
  ['one word too many', PLAIN, 'a b c', 'BAD_WORDS', /"c" is one word too many/],
  ['a word that is missing', EXEC, '-a', 'BAD_WORDS', /BOX is missing/],
  ['terminal escapes in a word', PLAIN, 'a b \u001b[31m', 'BAD_WORDS', /\\u001b/],
]
for (const [claim, command, argv, code, message] of refused)
  test(`words are refused: ${claim}`, () => {
    assert.throws(() => parseWords(command, argv.split(' ')), { code, audience: 'usage', message })
  })

test('whatever the words are, they are read or refused as a usage error', () => {
  const pieces = [
    '--',
    '-',
    '--memory',
    '-m',
    '=',
    'x',
    '--no-tty',
    '-e',
    '-aq',
    '--env=a',
    '',
    '\0',
    '--=',
    '--no-',
  ]
  let seed = 7
  for (let round = 0; round < 3000; round++) {
    const argv = Array.from({ length: round % 7 }, () => {
      seed = (seed * 48271) % 2147483647
      return pieces[seed % pieces.length] ?? ''
    })
    for (const command of [PLAIN, RUN, EXEC])
      try {
        parseWords(command, argv)
      } catch (error) {
        assert.equal((error as { audience?: string }).audience, 'usage', JSON.stringify(argv))
      }
  }
})
