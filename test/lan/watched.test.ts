import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Lab } from '../../src/lab/start.ts'
import { onSegment, SITES } from '../../src/lab/topology.ts'
import { readFlowLine } from '../../src/network/flow-log.ts'
import type { EngineName } from '../../src/sdk.ts'
import { LAUNCHER, readyGlovebox } from '../support/base-box.ts'
import { openLab, scratchFolder } from './lab.ts'

const ENGINES: readonly EngineName[] = ['container', 'gvisor', 'uml', 'microvm', 'vm']

/* What a box's network does, as it is written down outside of the box. */

let lab: Lab
let folder: ReturnType<typeof scratchFolder>
before(async () => {
  await readyGlovebox()
  lab = await openLab()
  folder = scratchFolder()
})
after(async () => {
  await lab?.[Symbol.asyncDispose]()
  folder?.[Symbol.dispose]()
})

const glovebox = (...words: string[]) => lab.run('host', [LAUNCHER, ...words])
const REFUSED = onSegment(1)[0] ?? ''
/** One allowed flow by a name, one to an address that nobody answered, and one that is refused. */
const SCRIPT = [
  `timeout 9 head -n1 < /dev/tcp/${SITES.allowed.name}/80`,
  `timeout 9 head -n1 < /dev/tcp/${SITES.other.four}/80`,
  `timeout 9 head -n1 < /dev/tcp/${REFUSED}/80 || true`,
].join('; ')

/** Ends in order when it is told to, so that the log of its flows does, too. */
const WAITING = 'trap "exit 0" TERM; sleep infinity & wait'

const flowsIn = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => {
      const line = readFlowLine(text)
      assert.ok(line !== undefined, text)
      return line
    })

for (const engine of ENGINES)
  describe(engine, () => {
    test('--flows and --capture write down what the box does, from outside', async () => {
      const [flows, capture] = [join(folder.path, `${engine}.flows`), join(folder.path, `${engine}.pcapng`)]
      writeFileSync(flows, '{"at":1,"event":"ready"}\n')
      writeFileSync(capture, 'what was there before', { mode: 0o644 })
      const words = ['--engine', engine, '--network', 'internet', '--flows', flows, '--capture', capture]
      const { code, stdout, stderr } = await glovebox('run', ...words, '--', 'bash', '-c', SCRIPT).result
      assert.deepEqual([code, stdout], [0, 'internet\ninternet\n'], stderr)
      const lines = flowsIn(flows)
      assert.equal(lines[0]?.atSeconds, 1, 'it is appended to')
      const seen = lines.flatMap((line) =>
        line.kind === 'flow' && line.protocol === 'tcp'
          ? [[line.stage, line.verdict, line.to, line.name]]
          : [],
      )
      const begun = seen.filter(([stage]) => stage === 'start' || stage === 'refused')
      assert.ok(
        begun.some(([, verdict, , name]) => verdict === 'allowed' && name === SITES.allowed.name),
        JSON.stringify(seen),
      )
      assert.ok(
        begun.some(
          ([, verdict, to, name]) => verdict === 'allowed' && to === SITES.other.four && name === undefined,
        ),
      )
      assert.ok(begun.some(([, verdict, to]) => verdict === 'refused' && to === REFUSED))
      assert.ok(
        lines.every((line) => line.kind !== 'flow' || line.toPort !== 53),
        'questions are no flows',
      )
      assert.equal(lines.at(-1)?.kind, 'end')
      const frames = readFileSync(capture)
      assert.equal(frames.readUInt32LE(0), 0x0a0d0d0a)
      assert.ok(frames.includes('internet\n'), 'what the far host said')
      assert.ok(frames.includes(Buffer.from('\x04site\x07example\x03org\x00', 'latin1')), 'the question')
      // Its last block (Interface Statistics, 52 bytes) says that no frame is missing.
      assert.equal(frames.readUInt32LE(frames.length - 4), 52)
      assert.equal(frames.readUInt32LE(frames.length - 52), 5)
      assert.equal(frames.readBigUInt64LE(frames.length - 52 + 36), 0n)
      assert.equal(statSync(capture).mode & 0o777, 0o600)
    })
  })

for (const engine of ['container', 'uml'])
  test(`${engine}: glovebox network log follows a box until it ends`, async () => {
    const words = ['--engine', engine, '--network', 'internet', '--detach', '--', 'bash', '-c', WAITING]
    const { code, stdout, stderr } = await glovebox('run', ...words).result
    assert.equal(code, 0, stderr)
    const box = stdout.trim()
    const followed = glovebox('network', 'log', '--follow', box)
    await glovebox('exec', box, '--', 'bash', '-c', SCRIPT).result
    assert.match(await followed.until('refused'), new RegExp(`start .* tcp .*${SITES.allowed.name}:80 \\(`))
    await glovebox('stop', box).result
    const all = await followed.result
    assert.equal(all.code, 0, all.stderr)
    const json = await glovebox('network', 'log', '--json', box).result
    const lines = json.stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as { kind: string; stage?: string })
    assert.equal(lines.at(-1)?.kind, 'end')
    assert.equal(lines.filter(({ kind }) => kind === 'flow').length, all.stdout.trimEnd().split('\n').length)
    await glovebox('rm', box).result
  })

test('a file that cannot be written is a start that is refused', async () => {
  const at = (name: string): string => join(folder.path, name)
  mkdirSync(at('folder'))
  writeFileSync(at('target'), 'untouched')
  symlinkSync(at('target'), at('link'))
  mkdirSync(at('closed'))
  chmodSync(at('closed'), 0o500)
  const bad: [string, RegExp][] = [
    [at('folder'), /it is a folder/],
    [at('link'), /it is a symbolic link/],
    [at('missing/file'), /its folder does not exist/],
    ['/dev/null', /it is no file/],
    // Root may write anywhere but where nobody can.
    process.getuid?.() === 0
      ? ['/proc/file', /Cannot write/]
      : [at('closed/file'), /you may not write there/],
  ]
  for (const [path, why] of bad)
    for (const option of ['--flows', '--capture']) {
      const { code, stderr } = await glovebox('run', '--network', 'internet', option, path, '--', 'true')
        .result
      assert.notEqual(code, 0, path)
      assert.match(stderr, why)
    }
  assert.equal(readFileSync(at('target'), 'utf8'), 'untouched')
})

test('without a network there is nothing to write down', async () => {
  for (const option of ['--flows', '--capture']) {
    const file = join(folder.path, 'none')
    const { code, stderr } = await glovebox('run', option, file, '--', 'true').result
    assert.equal(code, 2)
    assert.match(stderr, /the box has no network/)
    assert.equal(existsSync(file), false)
  }
})
