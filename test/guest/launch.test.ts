import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { AS_PROCESS_ONE, type Bench, folderOf, openBench, PEOPLE, run } from './program.ts'

let bench: Bench
before(async () => {
  bench = await openBench()
})
after(() => bench[Symbol.asyncDispose]())

interface Claim {
  readonly claim: string
  /** Files of the working folder: content and mode. */
  readonly files?: Readonly<Record<string, readonly [content: string, mode: number]>>
  readonly command: readonly string[]
  readonly path?: string
  readonly code: number
  readonly stdout?: string
  readonly stderr?: RegExp
}

const CLAIMS: readonly Claim[] = [
  { claim: 'passes on exit code 0', command: ['true'], code: 0 },
  { claim: 'passes on exit code 1', command: ['false'], code: 1 },
  { claim: 'passes on any exit code', command: ['sh', '-c', 'exit 42'], code: 42 },
  { claim: 'says 128 + 15 after SIGTERM', command: ['sh', '-c', 'kill -TERM $$'], code: 143 },
  { claim: 'says 128 + 9 after SIGKILL', command: ['sh', '-c', 'kill -KILL $$'], code: 137 },
  { claim: 'says 128 + 11 after SIGSEGV', command: ['sh', '-c', 'kill -SEGV $$'], code: 139 },
  {
    claim: 'says 127 for a command that $PATH does not hold',
    command: ['no-such-command'],
    code: 127,
    stderr: /^glovebox: no-such-command: command not found in the image\n$/,
  },
  {
    claim: 'says 127 for a path that is not there',
    command: ['/no/such/path'],
    code: 127,
    stderr: /^glovebox: \/no\/such\/path: command not found in the image\n$/,
  },
  { claim: 'says 127 for an empty name', command: [''], code: 127, stderr: /command not found/ },
  {
    claim: 'shows no control character of a name',
    command: ['./\u001b]0;title\u0007\u0085'],
    code: 127,
    stderr: /^glovebox: \.\/\\x1b\]0;title\\x07\\xc2\\x85: command not found in the image\n$/,
  },
  {
    claim: 'shows letters of any language as they are',
    command: ['грустно'],
    code: 127,
    stderr: /: грустно: /,
  },
  {
    claim: 'says 126 for a folder',
    command: ['/etc'],
    code: 126,
    stderr: /^glovebox: \/etc: cannot be executed: it is a directory\n$/,
  },
  {
    claim: 'says 126 for a file without the executable bit',
    files: { plain: ['#!/bin/sh\n', 0o644] },
    command: ['./plain'],
    code: 126,
    stderr: /^glovebox: \.\/plain: permission denied: it is not executable for uid \d+ \(mode 0644\)\n$/,
  },
  {
    claim: 'says 126, not 127, where $PATH holds only a file without the executable bit',
    files: { tool: ['#!/bin/sh\n', 0o644] },
    command: ['tool'],
    path: ':/usr/bin',
    code: 126,
    stderr: /^glovebox: \.\/tool: permission denied/,
  },
  {
    claim: 'prefers an executable file that comes later in $PATH',
    files: { true: ['#!/bin/sh\nexit 9\n', 0o644] },
    command: ['true'],
    path: '.:/usr/bin:/bin',
    code: 0,
  },
  {
    claim: 'takes an empty entry of $PATH for the current folder',
    files: { tool: ['#!/bin/sh\necho tool "$@"\n', 0o755] },
    command: ['tool', 'a b'],
    path: '/nowhere::/usr/bin',
    code: 0,
    stdout: 'tool a b\n',
  },
  {
    claim: 'names the missing interpreter of a script, down to a carriage return',
    files: { script: ['#! /no/interpreter\r\necho no\n', 0o755] },
    command: ['./script'],
    code: 127,
    stderr:
      /^glovebox: \.\/script: cannot be executed: its interpreter \/no\/interpreter\\x0d is not in the image\n$/,
  },
  {
    claim: 'says so where the interpreter may not be executed',
    files: { script: ['#!./reader\n', 0o755], reader: ['', 0o644] },
    command: ['./script'],
    code: 126,
    stderr: /its interpreter \.\/reader is not executable/,
  },
  {
    claim: 'runs a script without #! by /bin/sh, as a shell does',
    files: { script: ['echo "$1" from "$0"\nexit 5\n', 0o755] },
    command: ['./script', 'a'],
    code: 5,
    stdout: 'a from ./script\n',
  },
  {
    claim: 'does not let the name of such a script become an option of the shell',
    files: { '-c': ['echo ran\n', 0o755] },
    command: ['-c', 'echo was an option'],
    path: ':/usr/bin',
    code: 0,
    stdout: 'ran\n',
  },
  {
    claim: 'runs an empty file, as a shell does',
    files: { nothing: ['', 0o755] },
    command: ['./nothing'],
    code: 0,
  },
  {
    claim: 'says 126 for what is neither a program nor a script',
    files: { noise: ['\u0000\u0001\u0002', 0o755] },
    command: ['./noise'],
    code: 126,
    stderr: /neither a program nor a script/,
  },
  {
    claim: 'says 126 for a damaged program',
    files: { broken: [`\u007fELF${'\u0001'.repeat(60)}`, 0o755] },
    command: ['./broken'],
    code: 126,
    stderr: /another kind of processor, or is damaged/,
  },
  {
    claim: 'says 126 for a path through a file',
    command: ['/etc/passwd/sh'],
    code: 126,
    stderr: /\/etc\/passwd\/sh: cannot be executed: Not a directory/,
  },
]

const WAYS: readonly (readonly [string, (guest: string) => readonly string[]])[] = [
  ['init as process 1', (guest) => [...AS_PROCESS_ONE, guest, 'init', '--']],
  ['exec', (guest) => [guest, 'exec', '--']],
]

for (const person of PEOPLE)
  for (const [way, words] of WAYS)
    describe(`${way}, run by ${person.name}`, () => {
      for (const { claim, files = {}, command, path, code, stdout, stderr } of CLAIMS)
        test(claim, async () => {
          const cwd = await folderOf(person, bench.root)
          for (const [name, [content, mode]] of Object.entries(files)) {
            await writeFile(join(cwd, name), content)
            await chmod(join(cwd, name), mode)
          }
          // $PATH is the claim's for the program alone: unshare(1) must be found by the test's own.
          const words_ = path === undefined ? words(bench.guest) : withPath(words(bench.guest), path)
          const ended = await run([...words_, ...command], { person, cwd })
          assert.deepEqual(
            { code: ended.code, stdout: ended.stdout.toString() },
            { code, stdout: stdout ?? '' },
            ended.stderr,
          )
          if (stderr === undefined) assert.equal(ended.stderr, '')
          else assert.match(ended.stderr, stderr)
        })
    })

function withPath(words: readonly string[], path: string): readonly string[] {
  const at = words.indexOf(bench.guest)
  return [...words.slice(0, at), '/usr/bin/env', `PATH=${path}`, ...words.slice(at)]
}

for (const bits of [32, 64] as const)
  test(`the missing loader of a ${bits}-bit program is named`, async () => {
    const cwd = await folderOf({ name: 'whoever', ids: undefined }, bench.root)
    await writeFile(join(cwd, 'program'), elfWithLoader(bits, '/no/such/loader.so.1'), { mode: 0o755 })
    const ended = await run([bench.guest, 'exec', '--', './program'], { cwd })
    if (bits === 32 && ended.code === 126) return assert.match(ended.stderr, /another kind of processor/) // a kernel of 64 bits only
    assert.equal(ended.code, 127, ended.stderr)
    assert.match(
      ended.stderr,
      /: cannot be executed: its interpreter \/no\/such\/loader\.so\.1 is not in the image\n$/,
    )
  })

/** e_machine of what this processor runs (elf(5)). */
const MACHINES: Readonly<Record<string, Readonly<Record<32 | 64, number>>>> = {
  x64: { 32: 3, 64: 62 },
  arm64: { 32: 40, 64: 183 },
}

/** The smallest file that the kernel takes for a dynamic program of this processor (elf(5)). */
function elfWithLoader(bits: 32 | 64, loader: string): Buffer {
  const [head, part] = bits === 64 ? [64, 56] : [52, 32]
  const file = Buffer.alloc(head + part + loader.length + 1)
  const word = (value: number, at: number): void => {
    if (bits === 64) file.writeBigUInt64LE(BigInt(value), at)
    else file.writeUInt32LE(value, at)
  }
  file.write(`\u007fELF${bits === 64 ? '\u0002' : '\u0001'}\u0001\u0001`, 'latin1')
  file.writeUInt16LE(2, 16) // ET_EXEC
  file.writeUInt16LE(MACHINES[process.arch]?.[bits] ?? 0, 18)
  file.writeUInt32LE(1, 20)
  word(head, bits === 64 ? 32 : 28) // e_phoff
  file.writeUInt16LE(head, bits === 64 ? 52 : 40)
  file.writeUInt16LE(part, bits === 64 ? 54 : 42)
  file.writeUInt16LE(1, bits === 64 ? 56 : 44)
  file.writeUInt32LE(3, head) // PT_INTERP
  word(head + part, head + (bits === 64 ? 8 : 4)) // p_offset
  word(loader.length + 1, head + (bits === 64 ? 32 : 16)) // p_filesz
  file.write(loader, head + part)
  return file
}

for (const person of PEOPLE)
  test(`a command that unlike the folder in front of it exists is found, run by ${person.name}`, async () => {
    const cwd = await folderOf(person, bench.root)
    await mkdir(join(cwd, 'true'))
    const ended = await run(['/usr/bin/env', 'PATH=.:/usr/bin', bench.guest, 'exec', '--', 'true'], {
      person,
      cwd,
    })
    assert.equal(ended.code, 0)
  })

const MISUSES = [
  [],
  ['init'],
  ['init', '--'],
  ['init', 'true'],
  ['init', '--receive-buffers'],
  ['init', '--become', '--', 'true'],
  ...['1000', '1000:', ':5', '-1:5', '5:x', '5:5,', '4294967295:5', '5:5,+6'].map((ids) => [
    ...['init', '--become', ids, '--', 'true'],
  ]),
  ['exec', '--no-such-flag', '--', 'true'],
  ['get'],
  ['put'],
]
for (const words of MISUSES)
  test(`"${words.join(' ')}" is a wrong use, exit code 2`, async () => {
    const ended = await run([bench.guest, ...words])
    assert.equal(ended.code, 2)
    assert.match(ended.stderr, /^usage: glovebox-guest init/)
  })

test('root becomes a user with groups and without a capability; nobody else becomes anyone', async () => {
  const script = 'id -u; id -g; id -G; grep -h ^Cap /proc/self/status /proc/$PPID/status | sort -u | cut -f2'
  const groups = ['1235', ...Array.from({ length: 300 }, (_, at) => String(2000 + at))]
  const words = ['init', '--become', `1234:${groups.join(',')}`, '--', 'sh', '-c', script]
  const ended = await run([bench.guest, ...words])
  if (process.getuid?.() !== 0) {
    assert.equal(ended.code, 1)
    assert.match(ended.stderr, /Cannot become the box's user/)
    return
  }
  const [uid, gid, all, ...capabilities] = ended.stdout.toString().trim().split('\n')
  assert.deepEqual([uid, gid, all], ['1234', '1235', groups.join(' ')])
  assert.deepEqual(new Set(capabilities), new Set(['0000000000000000']))
})

test('nothing but 0, 1 and 2 is inherited by the command, though the caller had more open', async () => {
  const open = 'exec 7</etc/passwd 199</etc/passwd; exec "$@"'
  const list = ['sh', '-c', 'for fd in 3 7 199; do [ -e /proc/$$/fd/$fd ] && echo "$fd"; done; exit 0']
  const inherited = async (words: readonly string[]): Promise<string> =>
    (await run(['bash', '-c', open, 'bash', ...words, ...list])).stdout.toString()
  assert.equal(await inherited([]), '7\n199\n', 'the control: without the program they are there')
  assert.equal(await inherited([bench.guest, 'exec', '--']), '')
  assert.equal(await inherited([bench.guest, 'init', '--']), '')
})
