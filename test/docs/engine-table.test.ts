import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ENGINES } from '../../src/engine/index.ts'
import { engineTable, README, withEngineTable } from '../../tools/engine-table.ts'

test('the table of engines in README.md is what the code says (else: sh tools/with-node tools/engine-table.ts)', () => {
  const text = readFileSync(README, 'utf8')
  assert.equal(text, withEngineTable(text))
  for (const name of Object.keys(ENGINES)) assert.ok(engineTable().includes(`| \`${name}\` |`), name)
})

test('a text without the marks is an error', () => {
  assert.throws(() => withEngineTable('no table'))
})
