import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { type Point, placeLabels } from '../../src/report/side-by-side/labels.ts'
import { comparisonPage } from '../../src/report/side-by-side/page.ts'
import { ratioScale } from '../../src/report/side-by-side/scale.ts'
import { everyComparison, hostileComparison } from './comparisons.ts'
import { priceResult } from './prices.ts'
import { examResult, wordsFor } from './results.ts'
import { readXml, type XmlElement } from './xml.ts'

const comparison = everyComparison()
const page = comparisonPage(comparison, wordsFor(comparison.exam))
const hostile = comparisonPage(hostileComparison(), wordsFor(hostileComparison().exam))

const asXml = (text: string) =>
  readXml(
    text
      .replace('<!doctype html>\n', '')
      .replace(/<(meta|br)([^>]*)>/g, '<$1$2/>')
      .replaceAll(' open>', ' open="">'),
  )
const elements = (root: XmlElement, name: string): XmlElement[] => [
  ...(root.name === name ? [root] : []),
  ...root.children.flatMap((child) => elements(child, name)),
]

for (const [name, text] of [
  ['of proper words', page],
  ['of hostile words', hostile],
] as const) {
  test(`a page ${name} asks for nothing from anywhere`, () => {
    assert.doesNotMatch(text, /<(link|img|iframe|object|embed|base|form|image|use|foreignObject)\b/i)
    for (const [tag] of text.matchAll(/<[a-z][^>]*>/g)) {
      assert.doesNotMatch(tag, /\s(on\w+|src|style|srcset|action|xlink:href)=/i)
      for (const [, target] of tag.matchAll(/href="([^"]*)"/g)) assert.match(target ?? '', /^#[\w-]+$/)
    }
    assert.doesNotMatch(text, /url\(|@import|https?:/)
  })

  test(`a page ${name} has one script and one style, which its policy names by their hashes`, () => {
    const [policy = ''] = /content="default-src 'none'[^"]*"/.exec(text) ?? []
    for (const tag of ['script', 'style']) {
      const found = [...text.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))]
      assert.equal(found.length, 1, tag)
      const hash = createHash('sha256')
        .update(found[0]?.[1] ?? '')
        .digest('base64')
      assert.ok(policy.includes(`${tag}-src 'sha256-${hash}'`), tag)
    }
    assert.doesNotMatch(policy, /unsafe/)
  })

  test(`a page ${name} is well-formed, and names nothing twice`, () => {
    const { root } = asXml(text)
    assert.equal(root.name, 'html')
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    assert.equal(new Set(ids).size, ids.length)
  })
}

test('hostile evidence is text, not markup', () => {
  assert.ok(asXml(hostile).text.includes('<script>alert(1)</script>'))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
  assert.doesNotMatch(hostile, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\ufffe\uffff]/)
})

test('each row of a table has as many cells as there are heads, without any script', () => {
  const tables = elements(asXml(page).root, 'table').filter(({ attributes }) =>
    attributes['class']?.includes('sortable'),
  )
  assert.equal(tables.length, 5, 'summary, assets, price, neighbours, probes')
  for (const table of tables) {
    const [head = { children: [] }, ...rows] = elements(table, 'tr')
    assert.ok(rows.length > 0)
    for (const row of rows) assert.equal(row.children.length, head.children.length)
  }
  assert.equal(
    elements(asXml(page).root, 'button').length,
    0,
    'no button that does nothing without the script',
  )
})

test('each metric is there for each engine, with its interval, or with the reason why not', () => {
  const [, table = ''] = /<table class="sortable price">([\s\S]*?)<\/table>/.exec(page) ?? []
  const { sides, metrics } = comparison.price
  assert.equal(table.match(/<td[ >]/g)?.length, (sides.length + 1) * metrics.length)
  assert.match(table, /<b>equal<\/b>/)
  assert.match(table, /not measured: this engine has no network/)
  const figures = sides
    .filter(({ emulated }) => emulated)
    .flatMap((one) => one.figures.filter(({ state }) => state === 'measured'))
  assert.equal(table.match(/>emulated</g)?.length, figures.length, 'said at each figure')
})

test('neighbours stand beside the figures of 2007, and what is too wide to say has its mark', () => {
  const section = (text: string) => /<h2 id="neighbours">[\s\S]*?<\/section>/.exec(text)?.[0] ?? ''
  assert.match(section(page), /OpenVZ <span class="tag">2007<\/span>[\s\S]*table 1/)
  const [side] = comparison.price.neighbours?.sides ?? []
  const [one] = side?.stresses ?? []
  assert.ok(side !== undefined && one?.state === 'measured')
  const wide = { ...one, well: { ...one.well, equal: false, percent: 40, low: 0, high: 100 } }
  const neighbours = { bounds: [], sides: [{ ...side, stresses: [wide] }] }
  const text = comparisonPage({ ...comparison, price: { ...comparison.price, neighbours } }, [])
  assert.match(section(text), /<b>40\.0 % \(0\.0 to 100\.0\)\?<\/b>/)
  assert.match(section(text), /beside the bomb: DNR/)
})

test('every probe has its evidence, its controls and a line that leads to it', () => {
  for (const { number, reason } of comparison.exam.subjects.flatMap(({ findings }) => findings)) {
    assert.ok(page.includes(`<details id="probe-${number}"`), String(number))
    assert.ok(page.includes(`href="#probe-${number}"`), String(number))
    assert.ok(page.includes(reason), reason)
  }
  assert.match(page, /<dt>Its controls<\/dt>/)
})

test('the plot draws emulated points hollow, and what has no price beside the scale', () => {
  const [, svg = ''] = /<svg class="plot large"([\s\S]*?)<\/svg>/.exec(page) ?? []
  assert.equal(svg.match(/class="point emulated"/g)?.length, 2)
  assert.equal(svg.match(/class="point real"/g)?.length, 3)
  assert.match(svg, />vm, emulated</)
  assert.match(svg, />not measured</)
  assert.match(svg, /<title>bwrap: 0 assets hold/)
  assert.match(page, /Not drawn: false, as it never started\./)
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/)
})

test('day and night, small screens and paper have their style', () => {
  for (const query of ['prefers-color-scheme: dark', 'max-width: 40rem', 'media print'])
    assert.ok(page.includes(query), query)
})

test('a comparison of nothing is a page, too', () => {
  const empty = comparisonPage({ version: 1, exam: examResult([]), price: priceResult([]) }, [])
  assert.equal(asXml(empty).root.name, 'html')
  assert.match(empty, /Nothing was measured\./)
})

const AREA = { left: 0, top: 0, right: 500, bottom: 400 }
const CROWDS: readonly [name: string, points: readonly Point[]][] = [
  ['at one spot', Array.from({ length: 6 }, (_, at) => ({ x: 250, y: 200, label: `engine-${at}` }))],
  ['in a row', Array.from({ length: 8 }, (_, at) => ({ x: 200 + 12 * at, y: 20, label: `engine-${at}` }))],
  ['in a corner', Array.from({ length: 5 }, (_, at) => ({ x: 490, y: 390 - at, label: `engine-${at}` }))],
]
for (const [name, points] of CROWDS)
  test(`labels of points ${name} do not lie on each other`, () => {
    const placed = placeLabels(points, AREA).flatMap((one, at) => {
      const width = (points[at]?.label.length ?? 0) * 7
      if (one === undefined) return []
      const left = { start: one.x, middle: one.x - width / 2, end: one.x - width }[one.anchor]
      return [{ left, right: left + width, y: one.y }]
    })
    assert.equal(placed.length, points.length)
    for (const [at, one] of placed.entries())
      for (const other of placed.slice(at + 1))
        assert.ok(
          Math.abs(one.y - other.y) >= 12 || one.right <= other.left || other.right <= one.left,
          JSON.stringify([one, other]),
        )
  })

test('a scale holds the bare host and whatever was measured, and its ticks stand apart', () => {
  for (const values of [[], [1], [0.2, 3], [1.01, 1.02], [2, 40_000]]) {
    const { at, ticks } = ratioScale(values, [0, 300])
    for (const value of [1, ...values]) assert.ok(at(value) >= 0 && at(value) <= 300, String(value))
    assert.ok(ticks.length > 0)
    for (const [place, tick] of ticks.entries())
      if (place > 0) assert.ok(at(tick) - at(ticks[place - 1] ?? tick) >= 40, String(ticks))
  }
})
