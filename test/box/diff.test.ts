import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, type Listing } from '../../src/box/diff.ts'

/** Rows of name and what it is; a star behind the name says that the box has written it. */
const listing = (rows: Readonly<Record<string, string>>): Listing =>
  new Map(
    Object.entries(rows).map(([name, what]) => [name.replace('*', ''), { what, own: name.endsWith('*') }]),
  )

const FOLDER = 'd 755 0 0'
const FILE = 'f 644 0 0'

test('what is new, gone or rewritten is told; a folder that only leads to a change is not', () => {
  const before = listing({ etc: FOLDER, 'etc/old': FILE, 'etc/gone': FILE, 'etc/same': FILE })
  const after = listing({
    'etc*': FOLDER,
    'etc/old*': FILE,
    'etc/new*': FILE,
    'etc/same': FILE,
    'new*': FOLDER,
  })
  assert.deepEqual(compare(before, after), [
    { change: 'deleted', path: '/etc/gone' },
    { change: 'added', path: '/etc/new' },
    { change: 'modified', path: '/etc/old' },
    { change: 'added', path: '/new' },
  ])
})

test('a folder that was made anew hides nothing: what is gone below it is told', () => {
  const before = listing({ a: FOLDER, 'a/b': FOLDER, 'a/b/c': FILE, 'a/f': FILE })
  assert.deepEqual(compare(before, listing({ 'a*': FOLDER })), [
    { change: 'deleted', path: '/a/b' },
    { change: 'deleted', path: '/a/f' },
  ])
})

test('who may read or write something is told where it has changed, of folders too', () => {
  const before = listing({ a: FOLDER, f: FILE, g: FILE })
  const after = listing({ a: 'd 777 0 0', f: 'f 644 1000 0', g: 'l 777 0 0' })
  assert.deepEqual(
    compare(before, after).map(({ change }) => change),
    ['modified', 'modified', 'modified'],
  )
})

test('the places of the box’s own files are not told', () => {
  assert.deepEqual(
    compare(
      listing({ etc: FOLDER }),
      listing({ etc: FOLDER, 'etc/machine-id*': FILE, 'run/glovebox*': FOLDER }),
    ),
    [],
  )
})

test('names that are no UTF-8 stay apart', () => {
  const after = listing({ '\xff*': FILE, '\xfe*': FILE })
  assert.equal(compare(listing({}), after).length, 2)
})
