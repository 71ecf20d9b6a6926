import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findImports } from '../../tools/imports.ts'

const FOUND: readonly [source: string, specifier: string, typeOnly: boolean][] = [
  ["import { a } from './a.ts'", './a.ts', false],
  ["import a, { type B } from './a.ts'", './a.ts', false],
  ["import type from './a.ts'", './a.ts', false],
  ["import type { A } from './a.ts'", './a.ts', true],
  ["import type A from './a.ts'", './a.ts', true],
  ["import { type A, type B } from './a.ts'", './a.ts', true],
  ["import { type A, b } from './a.ts'", './a.ts', false],
  ["import {\n  a,\n  b as c,\n} from './a.ts'", './a.ts', false],
  ["import * as a from './a.ts'", './a.ts', false],
  ["import './a.ts'", './a.ts', false],
  ["export { a } from './a.ts'", './a.ts', false],
  ["export * from './a.ts'", './a.ts', false],
  ["export type { A } from './a.ts'", './a.ts', true],
  ["const a = await import('./a.ts')", './a.ts', false],
  ["let a: import('./a.ts').A", './a.ts', false],
  ["const quote = /['\"`/]/; const a = import('./a.ts')", './a.ts', false],
  ["const half = 4 / 2; const a = import('./a.ts') // it's / here", './a.ts', false],
]

for (const [source, specifier, typeOnly] of FOUND)
  test(`finds the import of: ${JSON.stringify(source)}`, () => {
    assert.deepEqual(findImports(source), [{ specifier, typeOnly }])
  })

const NOTHING: readonly string[] = [
  "// import { a } from './a.ts'",
  "/* import './a.ts' */",
  "const text = `import './a.ts'`",
  'const text = "import \'./a.ts\'"',
  'const here = import.meta.dirname',
  "export const from = 'a'",
  "export function read(): string { return 'a' }",
  "export type Name = 'a' | 'b'",
  "box.import('./a.ts')",
]

for (const source of NOTHING)
  test(`finds no import in: ${source}`, () => {
    assert.deepEqual(findImports(source), [])
  })

test('an import that names its module by an expression is refused', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is the source under test.
  for (const source of ['import(name)', 'import(`./${name}.ts`)'])
    assert.throws(() => findImports(source), /names no module that can be checked/)
})
