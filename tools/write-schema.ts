import { writeFileSync } from 'node:fs'
import { recipeJsonSchema } from '../src/image/recipe-schema.ts'

/* Writes the published JSON schemas anew; a test fails where they are not what the code says. */
writeFileSync(new URL('../schema/recipe.schema.json', import.meta.url), recipeJsonSchema())
