import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { cli, type Outcome, readyGlovebox } from '../support/base-box.ts'

/* Names that drive a terminal, wherever Glovebox itself speaks: only the output of a box is passed on as it is. */

const EVIL = '\u001b]0;evil\u0007\u009b31m'
const folder = mkdtempSync(join(tmpdir(), 'glovebox-terminal-'))
before(async () => {
  await readyGlovebox()
})
after(() => rmSync(folder, { recursive: true }))

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/

function harmless(found: Outcome, what: string): void {
  assert.ok(!CONTROLS.test(found.out + found.err), `${what}: ${JSON.stringify(found)}`)
  assert.match(found.out + found.err, /evil/, `control: ${what} is told`)
}

test('a start that failed is explained once, without the runtime’s own words on the screen', () => {
  for (let round = 0; round < 5; round++) {
    const found = cli(['run', '--workdir', `/etc/passwd/${EVIL}`, '--', 'true'])
    assert.equal(found.code, 1)
    assert.match(found.err, /^glovebox: The working folder does not exist .*\n {2}→ .*\n$/)
  }
})

test('names of commands, paths, users and fields are shown without what drives a terminal', () => {
  const policy = join(folder, 'policy.yaml')
  writeFileSync(policy, JSON.stringify({ limits: { memory: EVIL } }))
  const recipe = join(folder, 'recipe.yaml')
  writeFileSync(recipe, JSON.stringify({ [EVIL]: 1 }))
  harmless(cli(['run', '--image', EVIL, '--', 'true']), 'an image')
  harmless(cli(['run', '--user', EVIL, '--', 'true']), 'a user')
  harmless(cli(['run', '--policy', policy, '--', 'true']), 'a policy')
  harmless(cli(['image', 'build', recipe]), 'a recipe')
  const box = cli(['run', '-d', '--', 'sh', '-c', `sleep 1000; : ${EVIL}`])
    .out.trim()
    .split(/\s/)[0] as string
  try {
    harmless(cli(['ps']), 'a command')
    harmless(cli(['ps', '--json']), 'a command')
    harmless(cli(['exec', box, '--', `/bin/${EVIL}`]), 'a command that joins')
    harmless(cli(['exec', '--workdir', `/etc/passwd/${EVIL}`, box, '--', 'true']), 'a working folder')
    harmless(cli(['cp', `${box}:/tmp/${EVIL}`, folder]), 'a file')
  } finally {
    cli(['stop', '--grace', '0s', box])
    cli(['rm', box])
  }
})
