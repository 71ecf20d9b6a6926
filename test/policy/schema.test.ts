import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { GRANT_NAMES } from '../../src/policy/grants.ts'
import { policyJsonSchema } from '../../src/policy/schema.ts'
import { LIMIT_NAMES } from '../../src/policy/types.ts'
import { SCHEMA_FOLDER, SCHEMAS } from '../../tools/schemas.ts'

test('there are schemas to compare', () => assert.ok(SCHEMAS.length > 0))
for (const { file, text } of SCHEMAS)
  test(`schema/${file} is what the code says (write it anew with: sh tools/with-node tools/schemas.ts)`, () => {
    assert.equal(readFileSync(new URL(file, SCHEMA_FOLDER), 'utf8'), text())
  })

test('the schema describes each limit and grant, and refuses unknown fields', () => {
  const { properties, additionalProperties } = JSON.parse(policyJsonSchema())
  assert.equal(additionalProperties, false)
  assert.equal(properties.limits.additionalProperties, false)
  assert.deepEqual(Object.keys(properties.limits.properties), [...LIMIT_NAMES])
  assert.deepEqual(properties['allow-unenforced'].items.enum, [...LIMIT_NAMES])
  assert.deepEqual(properties.grants.items.enum, [...GRANT_NAMES])
  for (const [name, field] of Object.entries(properties.limits.properties))
    assert.match((field as { description: string }).description, /Example: .+ Default: /, name)
  for (const name of GRANT_NAMES) assert.ok(properties.grants.description.includes(name))
})
