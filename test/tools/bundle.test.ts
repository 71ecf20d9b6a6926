import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { hashPrograms } from '../../src/host/build-info.ts'
import { bundle } from '../../tools/bundle.ts'

const project = join(import.meta.dirname, '../..')

/** A package of the project's shape with one command, `fail`, that throws the project's error. */
const SOURCES: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "small", "version": "1.2.3", "type": "module" }',
  'native/holder.c': 'int main(void) { return 0; }',
  'native/handover/handover.c': 'int become(void) { return 0; }',
  'native/resolver/main.c': 'int main(void) { return 0; }',
  'guest/init.c': 'int main(void) { return 0; }',
  'guest/probe/probe.c': '',
  'guest/price/price.c': '',
  'src/cli/main.ts': `
    import { GloveboxError } from '../errors.ts'
    import { packageRoot, programsHash, VERSION } from '../host/build-info.ts'
    import { loadCommand } from './load-command.ts'
    let shared = false
    try {
      (loadCommand('fail') as { run(): void }).run()
    } catch (error) {
      shared = error instanceof GloveboxError
    }
    process.stdout.write(JSON.stringify({ shared, root: packageRoot(), hash: programsHash(), VERSION }))`,
  'src/cli/commands/fail.ts': `
    import { GloveboxError } from '../../errors.ts'
    export function run(): void {
      throw new GloveboxError({ code: 'SMALL', audience: 'box', message: 'small' })
    }`,
  'src/sdk.ts': "export const late = async () => (await import('./late.ts')).late()",
  'src/late.ts': "import { packageRoot } from './host/build-info.ts'\nexport const late = packageRoot",
}

function makeSources(context: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'glovebox-bundle-'))
  context.after(() => rmSync(root, { recursive: true }))
  for (const [name, content] of Object.entries(SOURCES)) {
    mkdirSync(join(root, dirname(name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  for (const name of [
    'src/errors.ts',
    'src/host/build-info.ts',
    'src/host/lazy.ts',
    'src/cli/load-command.ts',
  ])
    cpSync(join(project, name), join(root, name))
  return root
}

function runNode(root: string, words: readonly string[]): string {
  const env = { PATH: '/usr/bin:/bin', HOME: root, XDG_CACHE_HOME: join(root, 'cache') }
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: '/', env, encoding: 'utf8' })
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  return stdout
}

test('the bundles and the sources tell the same, and a command throws the error class that main knows', async (context) => {
  const root = makeSources(context)
  const told = { shared: true, root, hash: hashPrograms(root), VERSION: '1.2.3' }
  assert.deepEqual(JSON.parse(runNode(root, [join(root, 'src/cli/main.ts')])), told)
  await bundle(root, join(root, 'dist'))
  rmSync(join(root, 'src'), { recursive: true })
  assert.deepEqual(JSON.parse(runNode(root, [join(root, 'dist/cli.cjs')])), told)
})

test('the SDK loads its rarer parts when they are used', async (context) => {
  const root = makeSources(context)
  await bundle(root, join(root, 'dist'))
  assert.doesNotMatch(readFileSync(join(root, 'dist/sdk.js'), 'utf8'), /package\.json/)
  const script = `const { late } = await import('${root}/dist/sdk.js'); process.stdout.write(await late())`
  assert.equal(runNode(root, ['--input-type=module', '-e', script]), root)
})

test('a changed source of a program changes the hash, another file does not', (context) => {
  const root = makeSources(context)
  const before = hashPrograms(root)
  assert.match(before, /^[0-9a-f]{16}$/)
  writeFileSync(join(root, 'native/README.md'), 'words')
  assert.equal(hashPrograms(root), before)
  appendFileSync(join(root, 'guest/init.c'), '\n')
  assert.notEqual(hashPrograms(root), before)
})

test('commands without a main are refused', async (context) => {
  const root = makeSources(context)
  rmSync(join(root, 'src/cli/main.ts'))
  await assert.rejects(bundle(root, join(root, 'dist')), /main\.ts is missing beside its commands/)
})
