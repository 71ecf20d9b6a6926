import { basename } from 'node:path'
import { type Document, isMap, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { type RecipeProblem, recipeError } from './recipe-problem.ts'
import { type RecipeInput, recipeSchema } from './recipe-schema.ts'
import type { Recipe, RecipeBase, RecipeFile, RemoteFile, VendorPackage } from './recipe-types.ts'
import { problemsOf } from './recipe-zod.ts'

/** A recipe is written by hand: more than this is something else. */
const MAX_RECIPE_BYTES = 1 << 20

/**
 * Reads a recipe; every problem in it is named with file, line and column.
 *
 * @throws GloveboxError RECIPE_INVALID
 */
export function parseRecipe(text: string, fileName: string): Recipe {
  if (Buffer.byteLength(text) > MAX_RECIPE_BYTES)
    throw recipeError(fileName, [{ line: 1, column: 1, message: `is larger than ${MAX_RECIPE_BYTES} bytes` }])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' })
  const wrong = [...document.errors, ...document.warnings].map((error): RecipeProblem => {
    const { line, col } = lines.linePos(error.pos[0])
    return { line, column: col, message: firstSentence(error.message) }
  })
  if (wrong.length > 0) throw recipeError(fileName, wrong)
  keepTextAsWritten(document)
  const parsed = recipeSchema.safeParse(plainValue(document, fileName))
  if (!parsed.success) throw recipeError(fileName, problemsOf(parsed.error.issues, document, lines))
  return recipeOf(parsed.data, fileName)
}

/** YAML reads `mode: 0644` as the number 644 and `DEBUG: yes` or `1.10` as other than text: here they mean what is written. */
function keepTextAsWritten(document: Document): void {
  visit(document, {
    Pair(_, pair, path) {
      if (!isScalar(pair.key) || !isScalar(pair.value) || typeof pair.value.value === 'string') return
      const parent = path.at(-2)
      const inEnv = isPair(parent) && isScalar(parent.key) && parent.key.value === 'env' && path.length === 4
      if ((inEnv || pair.key.value === 'mode') && pair.value.value !== null)
        pair.value.value = pair.value.source ?? String(pair.value.value)
    },
  })
}

/** Aliases are expanded up to the parser's own bound (a "billion laughs" file ends here). */
function plainValue(document: Document, fileName: string): unknown {
  if (!isMap(document.contents))
    throw recipeError(fileName, [
      { line: 1, column: 1, message: 'must be a mapping with at least the field base' },
    ])
  try {
    return document.toJS({ maxAliasCount: 50 })
  } catch (cause) {
    throw recipeError(fileName, [{ line: 1, column: 1, message: (cause as Error).message }], cause)
  }
}

const firstSentence = (text: string): string => text.split('\n', 1)[0] ?? text

function recipeOf(input: RecipeInput, fileName: string): Recipe {
  const { name, description, user, command, entrypoint, workdir } = input
  return {
    name: name ?? basename(fileName).replace(/\.ya?ml$/, ''),
    ...(description === undefined ? {} : { description }),
    base: baseOf(input.base),
    packages: input.packages,
    files: input.files.map(fileOf),
    vendor: input.vendor.map(vendorOf),
    ...(user === undefined ? {} : { user: { ...user, home: user.home ?? `/home/${user.name}` } }),
    ...(command === undefined ? {} : { command }),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    env: input.env,
    ...(workdir === undefined ? {} : { workdir }),
    needs: input.needs,
    ...(input.network === undefined ? {} : { network: input.network }),
    ...(input.engine === undefined ? {} : { engine: input.engine }),
  }
}

function baseOf({ debian, image, tar, recipe }: RecipeInput['base']): RecipeBase {
  if (typeof debian === 'string')
    return { debian: { suite: debian, components: ['main'], variant: 'minbase' } }
  if (debian !== undefined) {
    const { mirror, ...rest } = debian
    return { debian: { ...rest, ...(mirror === undefined ? {} : { mirror }) } }
  }
  if (image !== undefined) return { image }
  return tar === undefined ? { recipe: recipe ?? '' } : { tar }
}

function fileOf({ path, content, source, mode, owner }: RecipeInput['files'][number]): RecipeFile {
  const from = source === undefined ? { content: content ?? '' } : { source }
  return { path, from, mode: Number.parseInt(mode, 8), owner }
}

function vendorOf({ deb, appimage, tarball, name = '', link }: RecipeInput['vendor'][number]): VendorPackage {
  if (deb !== undefined) return { deb: typeof deb === 'string' ? deb : remoteOf(deb) }
  if (appimage !== undefined) return { appimage, name }
  return { tarball: tarball ?? '', name, ...(link === undefined ? {} : { link }) }
}

type RemoteInput = Exclude<RecipeInput['vendor'][number]['deb'], string | undefined>

function remoteOf({ url, pool, sha256 }: RemoteInput): RemoteFile {
  return url === undefined ? { pool: pool ?? '', sha256 } : { url, sha256 }
}
