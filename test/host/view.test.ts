import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseRelease } from '../../src/host/kernel.ts'
import { LearnedFacts } from '../../src/host/learned.ts'
import { findTool, parseVersion } from '../../src/host/tools.ts'

function scratch(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-view-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('what was learnt is not tried again, and what was not learnt is', (context) => {
  const path = join(scratch(context), 'facts.json')
  let trials = 0
  const learn = (value: string | undefined) => () => {
    trials++
    return value
  }
  assert.equal(new LearnedFacts(path).get('a', learn('1')), '1')
  assert.equal(new LearnedFacts(path).get('a', learn('2')), '1')
  assert.equal(trials, 1)
  assert.equal(new LearnedFacts(path).get('b', learn(undefined)), undefined)
  assert.equal(new LearnedFacts(path).get('b', learn('3')), '3')
})

test('damaged facts are learnt anew', (context) => {
  const path = join(scratch(context), 'facts.json')
  for (const text of ['{"a":', '[]', 'null', '{"a": 5}']) {
    writeFileSync(path, text)
    assert.equal(
      new LearnedFacts(path).get('a', () => 'new'),
      'new',
      text,
    )
  }
})

test('old facts make room for new ones', (context) => {
  const path = join(scratch(context), 'facts.json')
  const facts = new LearnedFacts(path)
  for (let at = 0; at < 200; at++) facts.get(`key ${at}`, () => 'x')
  const kept = Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object)
  assert.equal(kept.length, 64)
  assert.equal(kept.at(-1), 'key 199')
})

test('a tool is found as the shell finds it, and another file is another tool', (context) => {
  const folder = scratch(context)
  const [first, second] = [join(folder, 'first'), join(folder, 'second')]
  for (const one of [first, second]) mkdirSync(one)
  writeFileSync(join(first, 'a-tool'), 'not executable')
  writeFileSync(join(second, 'a-tool'), '#!/bin/sh\n')
  chmodSync(join(first, 'a-tool'), 0o644)
  chmodSync(join(second, 'a-tool'), 0o755)
  const found = findTool('a-tool', `relative:${first}:${second}`)
  assert.equal(found?.path, join(second, 'a-tool'))
  writeFileSync(join(second, 'a-tool'), '#!/bin/sh\nexit 1\n')
  assert.notEqual(findTool('a-tool', second)?.stamp, found?.stamp)
  assert.equal(findTool('no-such-tool-at-all', second), undefined)
  assert.ok(existsSync(findTool('sh', '')?.path ?? ''))
})

const versions: readonly [output: string, version: string | undefined][] = [
  ['crun version 1.8.1\ncommit: f8a0', '1.8.1'],
  ['runc version 1.1.5+ds1\n', '1.1.5+ds1'],
  ['runsc version 0.0~20221219.0\n', '0.0~20221219.0'],
  ['runsc version release-20240729.0', '20240729.0'],
  ['mmdebstrap 1.3.5\n', '1.3.5'],
  ['nothing here', undefined],
]
for (const [output, version] of versions)
  test(`the version in ${JSON.stringify(output)}`, () => assert.equal(parseVersion(output), version))

test('kernel releases are read by their numbers', () => {
  assert.deepEqual(parseRelease('6.18.44-fc-v669'), [6, 18])
  assert.deepEqual(parseRelease('5.10.0-28-amd64'), [5, 10])
  assert.deepEqual(parseRelease('strange'), [0, 0])
})
