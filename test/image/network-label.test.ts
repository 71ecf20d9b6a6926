import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf } from '../../src/image/image-config.ts'
import { imageConfig, NETWORK_LABEL, parseConfig } from '../../src/image/manifest.ts'
import { parseRecipe } from '../../src/image/recipe.ts'
import { makePlan } from '../../src/plan/make.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { CLOSED } from '../../src/policy/network-types.ts'
import { host, image, places } from '../support/plan.ts'

/* What an image asks for of the network: the recipe's word becomes a label, and only that one word of the label counts. */

const DIFF_IDS = [`sha256:${'a'.repeat(64)}`]

/** The network of a box of an image with this configuration, where the policy leaves it to the image. */
function networkOf(config: unknown): unknown {
  const document = parseConfig({ config, rootfs: { diff_ids: DIFF_IDS } })
  const of = { ...image, config: { ...imageConfig(document), cmd: ['/bin/sh'], user: 'user' } }
  return makePlan({ policy: DEFAULT_POLICY }, of, host, places).policy.network
}

const recipe = (text: string) => parseRecipe(`name: app\nbase: {debian: trixie}\n${text}`, 'app.yaml')
const labelled = (label: unknown): unknown => ({ Labels: { [NETWORK_LABEL]: label } })
const INTERNET = { ...CLOSED, internet: true }

test('a recipe that asks for the internet makes an image whose boxes have it', () => {
  const config = configOf(recipe('network: internet\n'), {}, [], [])
  assert.deepEqual((config['Labels'] as Record<string, string>)[NETWORK_LABEL], 'internet')
  assert.deepEqual(networkOf(config), INTERNET)
})

test('a recipe that says nothing asks as its base does, and one that says none does not', () => {
  const base = configOf(recipe('network: internet\n'), {}, [], [])
  assert.deepEqual(networkOf(configOf(recipe(''), base, [], [])), INTERNET)
  assert.equal(networkOf(configOf(recipe('network: none\n'), base, [], [])), 'none')
  assert.equal(networkOf(configOf(recipe(''), {}, [], [])), 'none')
})

test('a recipe asks for nothing but none and the internet', () => {
  for (const word of ['lan', 'image', 'host', 'allow', '[internet]', '{lan: true}', ''])
    assert.throws(() => recipe(`network: ${word}\n`), { code: 'RECIPE_INVALID', message: /network/ }, word)
})

const HOSTILE: readonly unknown[] = [
  ...[
    'lan',
    'internet,lan',
    'host:22',
    'image',
    'none',
    '',
    ' internet',
    'internet\n',
    'INTERNET',
    'internet\0',
  ],
  ...[
    'internet'.repeat(1_000_000),
    ['internet'],
    { internet: true },
    true,
    1,
    null,
    { toString: 'internet' },
  ],
]
for (const label of HOSTILE)
  test(`the label ${JSON.stringify(label).slice(0, 40)} of an image from elsewhere opens nothing`, () =>
    assert.equal(networkOf(labelled(label)), 'none'))

test('labels that are none open nothing', () => {
  for (const labels of [
    'internet',
    ['internet'],
    [NETWORK_LABEL],
    7,
    true,
    null,
    { __proto__: { [NETWORK_LABEL]: 'internet' } },
  ])
    assert.equal(networkOf(JSON.parse(JSON.stringify({ Labels: labels }))), 'none')
  for (const config of [null, [], 'internet', { labels: { [NETWORK_LABEL]: 'internet' } }])
    assert.equal(networkOf(config), 'none')
})

test('the control: the word itself is all an image needs to say', () =>
  assert.deepEqual(networkOf(labelled('internet')), INTERNET))
