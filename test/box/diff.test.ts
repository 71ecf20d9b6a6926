import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare } from '../../src/box/diff.ts'

const UPPER = '/box/t/0/upper'
const rows = (...entries: readonly (readonly [root: string, kind: string, path: string])[]): string[] => [
  ...entries.flat(),
  '',
]

test('what is in the upper folder is added, modified or deleted by what lies below', () => {
  const found = compare(
    rows(
      [UPPER, 'd', 'etc'],
      [UPPER, 'f', 'etc/new'],
      [UPPER, 'f', 'etc/old'],
      [UPPER, 'c', 'etc/gone'],
      [UPPER, 'f', 'etc/back'],
      ['/box/t/1', 'd', 'etc'],
      ['/box/t/1', 'f', 'etc/old'],
      ['/box/t/1', 'f', 'etc/gone'],
      ['/box/t/1', 'c', 'etc/back'],
      ['/box/t/2', 'f', 'etc/back'],
    ),
  )
  assert.deepEqual(found, [
    { change: 'added', path: '/etc/back' },
    { change: 'deleted', path: '/etc/gone' },
    { change: 'added', path: '/etc/new' },
    { change: 'modified', path: '/etc/old' },
  ])
})

test('a new folder is told, one that only leads to a change is not, nor are the places of the box’s own files', () => {
  const found = compare(
    rows(
      ...[
        [UPPER, 'd', 'new'] as const,
        [UPPER, 'd', 'var'] as const,
        [UPPER, 'f', 'etc/machine-id'] as const,
      ],
      ...[[UPPER, 'd', 'run/glovebox'] as const, ['/box/t/1', 'd', 'var'] as const],
    ),
  )
  assert.deepEqual(found, [{ change: 'added', path: '/new' }])
})
