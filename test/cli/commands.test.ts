import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Command } from '../../src/cli/command.ts'
import { COMMANDS } from '../../src/cli/command-list.ts'
import { commandHelp } from '../../src/cli/help-text.ts'
import { parseWords } from '../../src/cli/parse.ts'

const folder = join(import.meta.dirname, '../../src/cli/commands')
const definitions = new Map<string, Command>()
for (const { name, file } of COMMANDS) {
  const { command } = (await import(join(folder, `${file}.ts`))) as { readonly command: Command }
  definitions.set(name, command)
}

test('the list names every file of commands/, and no other', () => {
  const files = readdirSync(folder).map((name) => name.replace(/\.ts$/, ''))
  assert.deepEqual(COMMANDS.map(({ file }) => file).sort(), files.sort())
  assert.ok(files.length > 20)
})

for (const { name, summary } of COMMANDS) {
  const command = definitions.get(name) as Command
  test(`glovebox ${name}: the list and the definition say the same`, () => {
    assert.equal(command.name, name)
    assert.equal(command.summary, summary)
  })

  test(`glovebox ${name}: help has its options and at least one example, within 100 columns`, () => {
    const help = commandHelp(command, { width: 100, colour: false })
    for (const option of Object.keys(command.options)) assert.ok(help.includes(`--${option}`), option)
    assert.ok(command.examples.length > 0)
    for (const line of help.split('\n')) assert.ok(line.length <= 100 || line.startsWith('  glovebox'), line)
  })

  test(`glovebox ${name}: each example is a command line that it reads`, () => {
    for (const { command: line } of command.examples) {
      const own = line.match(new RegExp(`glovebox ${name}(?: [^|&>")]*)?`))?.[0]
      assert.ok(own, line)
      const words = own
        .trim()
        .split(/\s+/)
        .slice(1 + name.split(' ').length)
      assert.doesNotThrow(() => parseWords(command, words), line)
    }
  })
}

test('no two options of a command share a letter', () => {
  for (const [name, { options }] of definitions) {
    const letters = Object.values(options).flatMap(({ short }) => short ?? [])
    assert.equal(new Set(letters).size, letters.length, name)
    assert.ok(!letters.includes('h'), name)
  }
})
