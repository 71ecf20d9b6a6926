import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf } from '../../src/image/image-config.ts'
import { ENGINE_LABEL, imageConfig, parseConfig } from '../../src/image/manifest.ts'
import { parseRecipe } from '../../src/image/recipe.ts'
import { ENGINE_WISHES } from '../../src/image/types.ts'

/* Which technology an image prefers: the recipe's word becomes a label, and only words that are known count. */

const DIFF_IDS = [`sha256:${'a'.repeat(64)}`]
const engineOf = (config: unknown): unknown =>
  imageConfig(parseConfig({ config, rootfs: { diff_ids: DIFF_IDS } })).engine
const recipe = (text: string) => parseRecipe(`name: app\nbase: {debian: trixie}\n${text}`, 'app.yaml')

for (const wish of ENGINE_WISHES)
  test(`a recipe that asks for ${wish} makes an image that does`, () =>
    assert.equal(engineOf(configOf(recipe(`engine: ${wish}\n`), {}, [], [])), wish))

test('a recipe that says nothing asks as its base does', () => {
  const base = configOf(recipe('engine: vm\n'), {}, [], [])
  assert.equal(engineOf(configOf(recipe(''), base, [], [])), 'vm')
  assert.equal(engineOf(configOf(recipe('engine: auto\n'), base, [], [])), 'auto')
  assert.equal(engineOf(configOf(recipe(''), {}, [], [])), undefined)
})

test('a recipe asks for nothing else', () => {
  for (const word of ['docker', 'AUTO', '[vm]', '{auto: files}', '', 'constructor'])
    assert.throws(() => recipe(`engine: ${word}\n`), { code: 'RECIPE_INVALID', message: /engine/ }, word)
})

const HOSTILE: readonly unknown[] = [
  ...['none', '', ' vm', 'vm\n', 'VM', 'vm\0', 'vm,container', 'toString', 'vm'.repeat(1_000_000)],
  ...[['vm'], { vm: true }, true, 1, null, { toString: 'vm' }],
]
for (const label of HOSTILE)
  test(`the label ${JSON.stringify(label).slice(0, 40)} of an image from elsewhere chooses nothing`, () =>
    assert.equal(engineOf({ Labels: { [ENGINE_LABEL]: label } }), undefined))
