import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readyGlovebox } from '../support/base-box.ts'
import { type DocCommand, matches, readCommands, readFences } from './commands.ts'

/* The commands of the documents, run as a reader types them: in a folder that looks like the clone, one after the other. */

const root = join(import.meta.dirname, '../..')
const documents = globSync(['*.md', 'docs/**/*.md', 'guest/*.md', 'native/*.md'], { cwd: root }).sort()

const scratch = mkdtempSync(join(tmpdir(), 'glovebox-docs-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

/** Boxes and homes are this test's own; the images are the user's, so that none is built a second time. */
const env = {
  ...process.env,
  HOME: join(scratch, 'home'),
  XDG_DATA_HOME: process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share'),
  XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  XDG_STATE_HOME: join(scratch, 'state'),
  XDG_RUNTIME_DIR: join(scratch, 'runtime'),
}

function makeClone(): string {
  const clone = mkdtempSync(join(scratch, 'clone-'))
  for (const entry of readdirSync(root).filter((name) => !['glovebox', 'bin', 'glovebox-try'].includes(name)))
    if (entry.endsWith('.md')) cpSync(join(root, entry), join(clone, entry))
    else symlinkSync(join(root, entry), join(clone, entry))
  symlinkSync(join(root, 'bin/glovebox'), join(clone, 'glovebox'))
  return clone
}

function check(document: string, clone: string, { line, text, exitCode, output }: DocCommand): void {
  const done = spawnSync('sh', ['-c', `exec 2>&1\n${text}`], { cwd: clone, env, encoding: 'utf8', input: '' })
  const where = `${document}:${line}: ${text}\nexits with ${done.status} and prints:\n${done.stdout}`
  assert.equal(done.status, exitCode, where)
  if (output !== undefined) assert.ok(matches(output, done.stdout), where)
}

let commands = 0
for (const document of documents) {
  const found = readCommands(readFileSync(join(root, document), 'utf8'))
  commands += found.length
  if (found.length === 0) continue
  test(`what ${document} tells to type works, and prints what it shows`, async () => {
    await readyGlovebox()
    for (const folder of [env.HOME, env.XDG_STATE_HOME, env.XDG_RUNTIME_DIR])
      mkdirSync(folder, { recursive: true, mode: 0o700 })
    const clone = makeClone()
    try {
      for (const command of found) check(document, clone, command)
    } finally {
      // What the document kept belongs to subordinate ids.
      const { stdout } = spawnSync('./glovebox', ['ps', '--all', '--json'], {
        cwd: clone,
        env,
        encoding: 'utf8',
      })
      const boxes = JSON.parse(stdout) as { readonly id: string }[]
      for (const { id } of boxes) {
        spawnSync('./glovebox', ['stop', '--grace', '0s', id], { cwd: clone, env })
        spawnSync('./glovebox', ['rm', id], { cwd: clone, env })
      }
    }
  })
}

test('the program in README.md runs as it stands', async () => {
  await readyGlovebox()
  const [block, ...more] = readFences(readFileSync(join(root, 'README.md'), 'utf8')).filter(
    ({ info }) => info === 'ts',
  )
  assert.ok(block !== undefined && more.length === 0)
  const words = ['--input-type=module-typescript', '-e', block.lines.join('\n')]
  const done = spawnSync(process.execPath, words, { cwd: root, env, encoding: 'utf8' })
  assert.equal(done.status, 0, done.stderr)
  assert.equal(done.stdout, 'HELLO\n')
})

test('the documents hold commands, and README.md leaves out two at most', () => {
  assert.ok(documents.length > 10 && commands > 20, `${commands} commands in ${documents.length} documents`)
  const left = readFences(readFileSync(join(root, 'README.md'), 'utf8')).filter(({ info }) =>
    info.includes('no-run'),
  )
  assert.ok(left.length <= 2)
})
