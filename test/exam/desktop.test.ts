import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { messageLength, readCall } from '../../src/exam/catalogue/desktop/bus-message.ts'
import { compositorTalk } from '../../src/exam/catalogue/desktop/compositor.ts'
import { foreignSubject } from '../../src/exam/subject.ts'
import { currentPaths } from '../../src/host/paths.ts'
import { guestPath } from '../../src/host/view.ts'
import { readyGlovebox } from '../support/base-box.ts'
import { assertControls, assertVerdict, examineWith, LEAKY, NEVER, ours, probesOf } from './support.ts'

/* Every claim is asked with its controls: bare and through the one hole it must be reached, without a canary never. */

const probes = probesOf('desktop')

before(async () => {
  await readyGlovebox()
})

test('the catalogue asks of the desktop what it is said to', () => {
  const numbers = new Set(probes.map((probe) => probe.number))
  assert.deepEqual(
    [...numbers].sort(),
    Array.from({ length: 14 }, (_, i) => 60 + i),
  )
})

test('without a sandbox all of the desktop is open', async () => {
  const findings = await examineWith(LEAKY, ['desktop'])
  for (const probe of probes) {
    const finding = findings.get(probe.id)
    assertVerdict(finding, 'breach')
    assertControls(finding)
  }
})

test('a container reaches nothing of the desktop', async () => {
  const findings = await examineWith(ours('container'), ['desktop'])
  for (const probe of probes) assertVerdict(findings.get(probe.id), 'held')
})

test('of a sandbox that never starts nothing is said', async () => {
  const findings = await examineWith(NEVER, ['desktop'])
  for (const probe of probes) assertVerdict(findings.get(probe.id), 'inconclusive')
})

test('a private /tmp closes the file of the X display, but with a shared network not its abstract socket', async () => {
  const words = ['bwrap', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp']
  const sandbox = (...more: string[]) => foreignSubject([...words, ...more, '--ro-bind', '{}', '{}', '{}'])
  const shared = await examineWith(sandbox(), ['desktop-x11-path', 'desktop-x11-abstract', 'desktop-keys'])
  assertVerdict(shared.get('desktop-x11-path'), 'held')
  assertVerdict(shared.get('desktop-x11-abstract'), 'breach')
  assertVerdict(shared.get('desktop-keys'), 'breach')
  const closed = await examineWith(sandbox('--unshare-net'), ['desktop-x11-abstract', 'desktop-keys'])
  assertVerdict(closed.get('desktop-x11-abstract'), 'held')
  assertVerdict(closed.get('desktop-keys'), 'held')
})

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path, () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })

test('an exam that is killed leaves no X server and no agent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-exam-'))
  const catalogue = join(import.meta.dirname, '../../src/exam/catalogue/desktop')
  const program = guestPath(currentPaths())
  const source = `
    import { randomBytes, randomInt } from 'node:crypto'
    import { findTool } from ${JSON.stringify(join(import.meta.dirname, '../../src/host/spawn.ts'))}
    import { startDisplay } from ${JSON.stringify(join(catalogue, 'x-display.ts'))}
    import { sshAgent } from ${JSON.stringify(join(catalogue, 'ssh-agent.ts'))}
    const paths = []
    const scene = {
      host: { uid: process.getuid(), tool: findTool }, folder: ${JSON.stringify(folder)}, program: ${JSON.stringify(program)},
      nonce: () => randomBytes(16).toString('hex'), number: () => randomInt(1, 2 ** 31 - 1),
      remember: ({ path }) => paths.push(path), signal: new AbortController().signal,
    }
    const kept = [await startDisplay(scene), await sshAgent.plant(scene, true)]
    console.log(JSON.stringify(paths))
    setInterval(() => kept, 1000)`
  const exam = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(exam.stdout, 'data')) as [Buffer]
  const paths = JSON.parse(line.toString()) as string[]
  try {
    assert.equal(paths.length, 2)
    for (const path of paths) assert.ok(await answers(path), `${path} answers while the exam runs`)
    exam.kill('SIGKILL')
    for (const path of paths) while (await answers(path)) await wait(20)
  } finally {
    exam.kill('SIGKILL')
    for (const path of [folder, ...paths]) rmSync(path, { recursive: true, force: true })
  }
})

test('a message of the bus that is not as the specification says is no call', () => {
  const head = (fields: string, body = 0): Buffer => {
    const bytes = Buffer.alloc(16 + Math.ceil(fields.length / 8) * 8)
    bytes.set([0x6c, 1, 0, 1])
    bytes.writeUInt32LE(body, 4)
    bytes.writeUInt32LE(1, 8)
    bytes.writeUInt32LE(fields.length, 12)
    bytes.write(fields, 16, 'latin1')
    return bytes
  }
  const field = (code: number, type: string, value: string): string => {
    const text = `${String.fromCharCode(code)}\x01${type}\0${String.fromCharCode(value.length)}\0\0\0${value}\0`
    return text.padEnd(Math.ceil(text.length / 8) * 8, '\0')
  }
  const path = field(1, 'o', '/a')
  const rest = field(2, 's', 'i') + field(3, 's', 'm') + field(6, 's', 'd').slice(0, 10)
  assert.equal(readCall(head(path + rest))?.destination, 'd')
  const bad: Readonly<Record<string, Buffer>> = {
    'no destination': head(path),
    'a field of another type': head(field(1, 's', '/a') + rest),
    'a field twice': head(path + path + rest),
    'a length beyond the end': head('\x01\x01o\0\xff\xff\xff\xff/a\0'),
    'a field that nobody knows': head(path + field(32, 's', 'x') + rest),
    'no fields': head(''),
  }
  for (const [why, message] of Object.entries(bad)) assert.equal(readCall(message), undefined, why)
  assert.equal(messageLength(Buffer.from('GET / HTTP/1.0\r\n\r\n')), 'broken')
  assert.equal(messageLength(head('', 2 ** 31)), 'broken')
  assert.equal(messageLength(Buffer.alloc(8)), undefined)
})

test('a client of the compositor that breaks its protocol is dropped', () => {
  const log = { bound: new Set<string>(), typed: '' }
  const request = (object: number, code: number, ...args: number[]): Buffer => {
    const words = Uint32Array.from([object, ((8 + 4 * args.length) << 16) | code, ...args])
    return Buffer.from(words.buffer)
  }
  const take = () => compositorTalk(log)(() => undefined)
  assert.equal(take()(request(9, 0, 1)), undefined, 'an object that is not there')
  assert.equal(take()(Buffer.from([1, 0, 0, 0, 0, 0, 4, 0])), undefined, 'a request shorter than its head')
  assert.equal(
    take()(Buffer.concat([request(1, 1, 2), request(2, 0, 77, 1)])),
    undefined,
    'a global not offered',
  )
  assert.equal(take()(request(1, 1, 2))?.length, 0)
  assert.equal(log.bound.size, 0)
})
