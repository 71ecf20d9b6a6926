import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { container } from '../../src/engine/container.ts'
import { makePlan } from '../../src/plan/make.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { LIMIT_KINDS } from '../../src/policy/limits.ts'
import { LIMIT_NAMES } from '../../src/policy/types.ts'
import { host, image, places } from '../support/plan.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const specification = read('docs/SPECIFICATION.md')

/** The text below a heading, up to the next one of its level. */
function section(title: string): string {
  const [, text] = specification.split(`\n## ${title}\n`)
  assert.ok(text, `no section ${title}`)
  return text.split('\n## ')[0] ?? ''
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly string[]
}

/** The names of all fields of a JSON schema, at any depth. */
function fieldsOf(schema: Schema): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, one]) => [name, ...fieldsOf(one)])
  const inner = [...(schema.anyOf ?? []), ...(schema.items === undefined ? [] : [schema.items])]
  return [...own, ...inner.flatMap(fieldsOf)]
}

test('every field of a recipe is in the specification', () => {
  const fields = new Set(fieldsOf(JSON.parse(read('schema/recipe.schema.json')) as Schema))
  assert.ok(fields.size > 25)
  const text = section('Recipe file')
  for (const field of fields) assert.ok(text.includes(`\`${field}\``), field)
})

test('every field of a policy, and every limit, is in the specification', () => {
  const { properties = {} } = JSON.parse(read('schema/policy.schema.json')) as Schema
  const text = section('Policy file')
  for (const field of Object.keys(properties).filter((name) => !['$schema', 'limits'].includes(name)))
    assert.ok(text.includes(`\`${field}\``), field)
  for (const name of LIMIT_NAMES) assert.ok(text.includes(`\`limits.${name}\``), name)
  assert.equal(Object.keys(LIMIT_KINDS).length, LIMIT_NAMES.length)
})

test('every field of a plan is in the specification', () => {
  const text = section('Plan')
  for (const field of Object.keys(makePlan({ policy: DEFAULT_POLICY }, image, host, places)))
    assert.ok(text.includes(`\`${field}\``), field)
})

test('every error of the network is in the specification', () => {
  const files = globSync('src/{network/*,policy/*network*,box/{gate,flows,*network*}}.ts', {
    cwd: new URL('../..', import.meta.url),
  })
  const codes = new Set(
    files.flatMap((file) => [...read(file).matchAll(/\bcode: '([A-Z_]+)'/g)].map(([, code]) => code ?? '')),
  )
  assert.ok(codes.size > 10)
  const text = section('Network')
  for (const code of codes) assert.ok(text.includes(`\`${code}\``), code)
})

test('every exit code that help names is in the specification, and every part of an engine', () => {
  const help = read('src/cli/topics.ts').match(/'exit-codes': `([^`]*)`/)?.[1] ?? ''
  const codes = help.match(/^ {2}\d+/gm) ?? []
  assert.ok(codes.length > 5)
  for (const code of codes) assert.ok(section('Exit codes').includes(code.trim()), code)
  const text = section('Engine interface')
  for (const [name, value] of Object.entries(container))
    if (typeof value === 'function') assert.ok(text.includes(`\`${name}(`), name)
})
