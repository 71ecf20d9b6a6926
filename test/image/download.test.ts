import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import { fetchFile } from '../../src/image/download.ts'
import { initStore } from '../../src/image/layout.ts'
import { parseRecipe } from '../../src/image/recipe.ts'
import { scratchStore } from '../support/scratch-store.ts'

const store = scratchStore()
after(() => store[Symbol.asyncDispose]())
const { places } = store.context
initStore(places)

/** A mirror that is a folder of this machine. */
const mirror = join(store.folder, 'mirror')
mkdirSync(join(mirror, 'pool/main/x'), { recursive: true })
const source = join(mirror, 'pool/main/x/x_1_all.deb')
writeFileSync(source, 'the package')
const sha256 = createHash('sha256').update('the package').digest('hex')
const pool = 'main/x/x_1_all.deb'
const silent = { onProgress: undefined, signal: undefined }
const isError = (code: string) => (error: unknown) => error instanceof GloveboxError && error.code === code
const kept = (): string[] => [
  ...readdirSync(places.temporary),
  ...(existsSync(places.downloads) ? readdirSync(places.downloads) : []),
]

test('a file that is not what the recipe says is refused, and nothing of it is kept', async () => {
  const other = createHash('sha256').update('another package').digest('hex')
  const fetching = fetchFile(store.context, { pool, sha256: other }, `file:${mirror}`, silent)
  await assert.rejects(fetching, (error) => {
    assert.ok(isError('DOWNLOAD_DIFFERS')(error))
    assert.match((error as Error).message, new RegExp(`${sha256}.*${other}`))
    return true
  })
  assert.deepEqual(kept(), [])
})

test('a file that is not there is named with its address', async () => {
  const fetching = fetchFile(store.context, { pool: 'main/y.deb', sha256 }, `file:${mirror}`, silent)
  await assert.rejects(fetching, (error) => {
    assert.ok(isError('DOWNLOAD_FAILED')(error))
    return (error as Error).message.includes(`${mirror}/pool/main/y.deb`)
  })
  assert.deepEqual(kept(), [])
  await assert.rejects(
    fetchFile(store.context, { pool, sha256 }, undefined, silent),
    isError('RECIPE_NO_SOURCES'),
  )
})

test('a file is fetched once, and is there without its mirror', async () => {
  const path = await fetchFile(store.context, { pool, sha256 }, `file:${mirror}/`, silent)
  rmSync(mirror, { recursive: true })
  assert.equal(await fetchFile(store.context, { pool, sha256 }, `file:${mirror}`, silent), path)
  assert.equal(readFileSync(path, 'utf8'), 'the package')
  assert.equal(statSync(path).mode & 0o777, 0o644)
  assert.deepEqual(kept(), [`${sha256}.deb`])
})

const recipe = (deb: unknown): ReturnType<typeof parseRecipe> =>
  parseRecipe(JSON.stringify({ base: { recipe: 'base' }, vendor: [{ deb }] }), 'r.yaml')

test('a recipe names a .deb by path, by URL or by its place in the pool', () => {
  const url = 'https://example.test/x.deb'
  assert.deepEqual(
    ['./x.deb', { url, sha256 }, { pool, sha256 }].map((deb) => recipe(deb).vendor),
    [[{ deb: './x.deb' }], [{ deb: { url, sha256 } }], [{ deb: { pool, sha256 } }]],
  )
})

for (const [what, deb, said] of [
  ['without its sha256', { pool }, /sha256 is missing/],
  ['with both places', { pool, url: 'https://example.test/x.deb', sha256 }, /exactly one of url and pool/],
  ['that climbs out of the pool', { pool: 'main/../../x.deb', sha256 }, /must not hold/],
  ['by another protocol', { url: 'file:///etc/passwd', sha256 }, /must be an http or https URL/],
  ['with a password', { url: 'https://me:secret@example.test/x.deb', sha256 }, /without a password/],
  ['with half a digest', { pool, sha256: 'abc' }, /64 hex digits/],
] as const)
  test(`a .deb ${what} is refused by its place in the recipe`, () => {
    assert.throws(() => recipe(deb), said)
  })
