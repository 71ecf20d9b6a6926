import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { PAGE_SCRIPT } from '../../src/report/side-by-side/script.ts'

/* The script of the page, with as much of a document as it asks for. */

class Part {
  readonly attributes = new Map<string, string>()
  readonly listeners: (() => void)[] = []
  childNodes: unknown[] = []
  open = false
  type = ''
  append(...nodes: unknown[]): void {
    this.childNodes = [...this.childNodes.filter((node) => !nodes.includes(node)), ...nodes]
  }
  addEventListener(_name: string, listener: () => void): void {
    this.listeners.push(listener)
  }
  getAttribute = (name: string) => this.attributes.get(name) ?? null
  setAttribute = (name: string, value: string) => this.attributes.set(name, value)
  removeAttribute = (name: string) => this.attributes.delete(name)
}

interface CellParts {
  readonly text: string
  readonly value?: number
  readonly quiet?: true
}
const cell = ({ text, value, quiet }: CellParts) => ({
  ...{ textContent: ` ${text} `, classList: { contains: () => quiet === true } },
  dataset: value === undefined ? {} : { value: String(value) },
})

/** Runs the script on a table of two columns; clicks sort it. */
function page(rows: readonly (readonly [CellParts, CellParts])[]) {
  const heads = [new Part(), new Part()]
  const body = new Part()
  const made = rows.map((cells) => ({ cells: cells.map(cell) }))
  body.append(...made)
  const table = {
    tHead: { rows: [{ cells: heads }] },
    tBodies: [
      {
        append: (...all: unknown[]) => body.append(...all),
        get rows() {
          return body.childNodes
        },
      },
    ],
  }
  const details = [new Part(), new Part()]
  const events = new Map<string, () => void>()
  const location = { hash: '' }
  runInNewContext(PAGE_SCRIPT.text, {
    document: {
      querySelectorAll: (selector: string) => (selector === 'table.sortable' ? [table] : details),
      createElement: () => new Part(),
      getElementById: (id: string) => (id === 'probe-1' ? details[0] : null),
    },
    ...{ location, HTMLDetailsElement: Part },
    addEventListener: (name: string, listener: () => void) => events.set(name, listener),
  })
  return {
    ...{ details, heads, location },
    happen: (name: string) => events.get(name)?.(),
    click: (column: number) => (heads[column]?.childNodes[0] as Part | undefined)?.listeners[0]?.(),
    texts: () => (body.childNodes as typeof made).map(({ cells }) => cells[0]?.textContent.trim()).join(' '),
  }
}

const ROWS: readonly (readonly [CellParts, CellParts])[] = [
  [{ text: 'b10' }, { text: '20×', value: 20 }],
  [{ text: 'c' }, { text: 'not measured', quiet: true }],
  [{ text: 'b9' }, { text: '3×', value: 3 }],
  [{ text: 'a' }, { text: '100×', value: 100 }],
]

test('a click sorts by the value, a second one the other way round, and what is not measured stays last', () => {
  const { click, texts, heads } = page(ROWS)
  click(1)
  assert.equal(texts(), 'b9 b10 a c')
  assert.equal(heads[1]?.getAttribute('aria-sort'), 'ascending')
  click(1)
  assert.equal(texts(), 'a b10 b9 c')
  assert.equal(heads[1]?.getAttribute('aria-sort'), 'descending')
})

test('words are sorted as people do, and only one head says so', () => {
  const { click, texts, heads } = page(ROWS)
  click(1)
  click(0)
  assert.equal(texts(), 'a b9 b10 c')
  assert.equal(heads[1]?.getAttribute('aria-sort'), null)
})

test('a link to a probe opens it; paper has every one, and the screen its own again', () => {
  const { details, location, happen } = page(ROWS)
  assert.deepEqual(
    details.map(({ open }) => open),
    [false, false],
  )
  location.hash = '#probe-1'
  happen('hashchange')
  assert.equal(details[0]?.open, true)
  happen('beforeprint')
  assert.equal(details[1]?.open, true)
  happen('afterprint')
  assert.equal(details[1]?.open, false)
})

test('it is the same in HTML and in XML', () => assert.doesNotMatch(PAGE_SCRIPT.text, /[<&]|\]\]>/))
