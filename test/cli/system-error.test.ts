import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { errorText } from '../../src/cli/report-error.ts'
import { systemError } from '../../src/cli/system-error.ts'
import { GloveboxError } from '../../src/errors.ts'

function thrownBy(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  assert.fail('nothing was thrown')
}

test('what the system refuses is no bug of ours: the path, the reason and what to do', () => {
  const missing = systemError(thrownBy(() => readFileSync('/no/such/file')))
  assert.equal(missing?.message, 'This system refuses open /no/such/file: no such file or directory.')
  assert.deepEqual(missing.details, { errno: 'ENOENT', syscall: 'open', path: '/no/such/file' })
  const exists = systemError(thrownBy(() => readFileSync('/etc/passwd/x')))
  assert.equal(exists?.remedy, 'See that the path is right.')
})

test('other errors stay what they are, and ask to be reported', () => {
  for (const other of [
    new Error('x'),
    new GloveboxError({ code: 'X', audience: 'host', message: 'x' }),
    thrownBy(() => mkdirSync('/')),
    'text',
  ])
    assert.equal(systemError(other), undefined)
  assert.match(errorText(new TypeError('x'), false), /Please report it/)
})
