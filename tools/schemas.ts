import { mkdirSync, writeFileSync } from 'node:fs'
import { examJsonSchema } from '../src/exam/result-schema.ts'
import { recipeJsonSchema } from '../src/image/recipe-schema.ts'
import { policyJsonSchema } from '../src/policy/schema.ts'
import { comparisonJsonSchema } from '../src/price/comparison-schema.ts'
import { priceJsonSchema } from '../src/price/result-schema.ts'

/** The JSON schemas that are published with the package: the file in schema/ and what the code says it holds. */
export const SCHEMAS: readonly { readonly file: string; readonly text: () => string }[] = [
  { file: 'comparison.schema.json', text: comparisonJsonSchema },
  { file: 'exam.schema.json', text: examJsonSchema },
  { file: 'policy.schema.json', text: policyJsonSchema },
  { file: 'price.schema.json', text: priceJsonSchema },
  { file: 'recipe.schema.json', text: recipeJsonSchema },
]

export const SCHEMA_FOLDER = new URL('../schema/', import.meta.url)

/* Run as a program, it writes them anew; a test fails where a file is not what the code says. */
if (import.meta.main) {
  mkdirSync(SCHEMA_FOLDER, { recursive: true })
  for (const { file, text } of SCHEMAS) writeFileSync(new URL(file, SCHEMA_FOLDER), text())
}
