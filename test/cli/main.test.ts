import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const main = join(import.meta.dirname, '../../src/cli/main.ts')
const home = mkdtempSync(join(tmpdir(), 'glovebox-cli-'))
after(() => rmSync(home, { recursive: true }))

function glovebox(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { status, stdout, stderr }
}

test('help and version need nothing of the machine', () => {
  assert.match(glovebox(['--version']).stdout, /^glovebox \d+\.\d+\.\d+\n$/)
  for (const words of [[], ['--help'], ['-h'], ['help']]) {
    const { status, stdout } = glovebox(words)
    assert.equal(status, 0)
    assert.match(stdout, /Usage\n {2}glovebox COMMAND/)
  }
})

test('--help is answered for a command, a group and before the command line of a box only', () => {
  assert.match(glovebox(['run', '--image', 'x', '--help']).stdout, /glovebox run \[OPTIONS\]/)
  assert.match(glovebox(['image', '--help']).stdout, /glovebox image build/)
  assert.doesNotMatch(glovebox(['run', '--', 'ls', '--help']).stdout, /OPTIONS/)
  assert.doesNotMatch(glovebox(['run', 'ls', '--help']).stdout, /OPTIONS/)
})

test('every topic is explained, also where a command has the same name', () => {
  const { stdout } = glovebox(['help'])
  const topics = /Topics\n {2}(.*)\n/.exec(stdout)?.[1]?.split(', ') ?? []
  for (const topic of ['policy', 'network', 'engines']) assert.ok(topics.includes(topic), topic)
  const words: Readonly<Record<string, RegExp>> = {
    policy: /A limit that this machine cannot hold/,
    network: /A rule is TARGET \[SERVICE…\] \[RATE\/s\]/,
    engines: /An engine is an isolation technology/,
  }
  for (const topic of topics) assert.match(glovebox(['help', topic]).stdout, words[topic] ?? /\S/)
  assert.match(glovebox(['help', 'network']).stdout, /glovebox network allow/)
})

const usage: readonly [claim: string, words: readonly string[], stderr: RegExp][] = [
  ['an unknown command', ['runn'], /no such command\. Did you mean run\?\n {2}→ See: glovebox --help/],
  ['half a command', ['image'], /a further word is missing\.\n {2}→ Choose from: image build/],
  ['a wrong second word', ['image', 'lits'], /Did you mean image list\?/],
  ['an unknown option', ['run', '--imgae', 'x'], /Did you mean --image\?/],
  ['a bad value', ['run', '--memory', 'much', 'true'], /Cannot use "much" for --memory/],
  [
    'an unknown engine',
    ['run', '--engine', 'xen', 'true'],
    /Choose from: container, gvisor, uml, microvm, vm/,
  ],
  ['an unknown grant', ['policy', 'show', '--grant', 'x'], /no grant of this name/],
  ['an unknown topic', ['help', 'polciy'], /Did you mean policy\?/],
  ['a policy file without an end', ['policy', 'show', '/dev/zero'], /larger than 2097152 bytes/],
  [
    'a file to hand in that is not there',
    ['run', '--put', '/no/file:/tmp/', 'true'],
    /Cannot copy "\/no\/file" into the box: no such file/,
  ],
  [
    'a place for results that is not there',
    ['run', '--get', '/tmp/x:/no/folder/x', 'true'],
    /the folder "\/no\/folder": no such file/,
  ],
  ['a page that is not there', ['try', '/no/page.html'], /Cannot read the page/],
  ['a page that is a folder', ['try', '/usr'], /it is no file/],
  ['a folder that cannot be made', ['try', '--out', '/proc/x'], /Cannot bring the results to \/proc\/x/],
  ['an escape sequence', ['\u001b]0;x\u0007'], /"\\u001b\]0;x\\u\{?0*7/],
]
for (const [claim, words, stderr] of usage)
  test(`exit code 2 and a remedy for ${claim}`, () => {
    const result = glovebox(words)
    assert.equal(result.status, 2)
    assert.equal(result.stdout, '')
    assert.match(result.stderr, stderr)
    assert.match(result.stderr, /\n {2}→ /)
  })

test('with --json an error is JSON', () => {
  const { status, stderr } = glovebox(['run', '--json', '--memory', '1', 'true'])
  assert.equal(status, 2)
  const { error } = JSON.parse(stderr) as { error: Record<string, unknown> }
  assert.equal(error['code'], 'BAD_VALUE')
  assert.equal(error['audience'], 'usage')
  assert.ok(error['remedy'])
})

test('GLOVEBOX_DEBUG=1 shows where an error comes from; without it no stack is seen', () => {
  assert.doesNotMatch(glovebox(['rnu']).stderr, /at .*main\.ts/)
  assert.match(glovebox(['rnu'], { GLOVEBOX_DEBUG: '1' }).stderr, /at .*main\.ts/)
})

test('policy show says in words what a file means, and where the file is wrong', () => {
  const file = join(home, 'policy.yaml')
  writeFileSync(file, 'limits:\n  memory: 1G\ngrants: [user-namespaces]\n')
  const shown = glovebox(['policy', 'show', file, '--wall', '5m'])
  assert.equal(shown.status, 0, shown.stderr)
  assert.match(shown.stdout, /memory +1G/)
  assert.match(shown.stdout, /running time +5m/)
  assert.match(shown.stdout, /price:/)
  writeFileSync(file, 'limits:\n  memroy: 1G\n')
  const wrong = glovebox(['policy', 'show', file])
  assert.equal(wrong.status, 2)
  assert.match(wrong.stderr, /policy\.yaml:2:3: /)
})

test('a missing policy file is a usage error', () => {
  const { status, stderr } = glovebox(['run', '--policy', join(home, 'none.yaml'), 'true'])
  assert.equal(status, 2)
  assert.match(stderr, /Cannot read the policy/)
})

test('output is plain where it goes into a pipe', () => {
  assert.ok(!glovebox(['help', 'run']).stdout.includes('\u001b'))
})

test('a full disk behind the standard output is said, with exit code 1', () => {
  const full = openSync('/dev/full', 'w')
  const { status, stderr } = spawnSync(process.execPath, [main, '--help'], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', HOME: home },
    stdio: ['ignore', full, 'pipe'],
  })
  closeSync(full)
  assert.equal(status, 1)
  assert.match(stderr, /^glovebox: Cannot print: .*no space left/)
  assert.doesNotMatch(stderr, / at /)
})
