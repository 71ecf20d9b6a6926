import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Glovebox } from '../../src/sdk.ts'
import { inBox, readyGlovebox } from '../support/base-box.ts'

/* The recipe comes from somebody else. */

let glovebox: Glovebox
const home = mkdtempSync(join(tmpdir(), 'glovebox-recipe-'))
const folder = join(home, 'cloned')
const name = `attack-recipe-${process.pid}`

before(async () => {
  glovebox = await readyGlovebox()
  mkdirSync(join(home, 'keys'))
  writeFileSync(join(home, 'keys', 'id'), 'secret')
  mkdirSync(folder)
  writeFileSync(join(folder, 'own'), 'of the recipe')
  symlinkSync('../keys/id', join(folder, 'link'))
  symlinkSync('../keys', join(folder, 'folder'))
  symlinkSync('own', join(folder, 'inside'))
})
after(async () => {
  await glovebox.images.remove(name).catch(() => undefined)
  rmSync(home, { recursive: true })
})

function recipe(source: string): string {
  const file = join(folder, `${name}.yaml`)
  const files = [{ path: '/srv/taken', source }]
  writeFileSync(file, JSON.stringify({ base: { recipe: 'base' }, files }))
  return file
}

test('a recipe takes no file of the builder’s into its image', async () => {
  for (const source of [
    '../keys/id',
    join(home, 'keys', 'id'),
    'link',
    'folder/id',
    '/proc/self/environ',
    '/etc/hostname',
  ])
    await assert.rejects(glovebox.images.build(recipe(source)), { code: 'RECIPE_FILE_OUTSIDE' }, source)
  for (const source of ['own', './own', 'inside', join(folder, 'own')]) {
    await glovebox.images.build(recipe(source))
    const found = await inBox(glovebox, ['cat', '/srv/taken'], { image: name })
    assert.equal(found.out, 'of the recipe', `control: ${source} is beside the recipe, and goes in`)
  }
})

test('a word of a recipe is never an option or a script of a tool', async () => {
  const mark = join(home, 'mark')
  const bad = [
    { base: { debian: `-o=APT::Update::Pre-Invoke::=touch ${mark}` } },
    { base: { debian: { suite: 'trixie', mirror: 'http://x [trusted=yes]' } } },
    { base: { recipe: 'base' }, packages: ['-oDPkg::Pre-Invoke::=touch'] },
    { base: { recipe: 'base' }, packages: ['$(id)'] },
    { base: { recipe: 'base' }, packages: ['a;id'] },
    { base: { recipe: 'base' }, user: { name: 'x:0:0', uid: 1 } },
    { base: { recipe: 'base' }, files: [{ path: '/../../x', content: '' }] },
    { base: { recipe: 'base' }, files: [{ path: '/proc/self/x', content: '' }] },
    { base: { recipe: 'base' }, files: [{ path: '/x', content: '', mode: '4755' }] },
    { base: { image: '--all oci:x' } },
  ]
  for (const [at, document] of bad.entries()) {
    const file = join(folder, `bad-${at}.yaml`)
    writeFileSync(file, JSON.stringify(document))
    await assert.rejects(glovebox.images.build(file), { code: 'RECIPE_INVALID' }, JSON.stringify(document))
  }
  assert.ok(!existsSync(mark))
})
