import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { memoryOf, processTree } from '../../src/price/memory.ts'

const MIB = 2 ** 20

interface Started extends AsyncDisposable {
  readonly pid: number
  /** The first line that it wrote. */
  readonly line: string
}

/** A program that has written a line, and ends with its input. */
async function started(...[program, ...words]: readonly [string, ...string[]]): Promise<Started> {
  const child: ChildProcess = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  let line = ''
  for await (const chunk of child.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    line += chunk
    if (line.includes('\n')) break
  }
  const { pid } = child
  assert.ok(pid !== undefined)
  return {
    ...{ pid, line: line.trim() },
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, 'exit')
      child.stdin?.end()
      child.kill('SIGKILL')
      await exited
    },
  }
}

test('a process tree is a process and all below it, and nobody else', async () => {
  await using family = await started('sh', '-c', "sh -c 'sleep 60 >/dev/null & echo $$ $!; wait' & read x")
  await using stranger = await started('sh', '-c', 'echo here; read x')
  const below = family.line.split(' ').map(Number)
  assert.equal(below.length, 2)
  const pids = processTree(family.pid)
  assert.deepEqual(
    pids.toSorted((a, b) => a - b),
    [family.pid, ...below].toSorted((a, b) => a - b),
  )
  assert.ok(processTree(process.pid).includes(below[1] ?? 0), 'down to the children of children')
  assert.ok(!pids.includes(stranger.pid) && !pids.includes(process.pid))
  for (const pid of below) process.kill(pid, 'SIGKILL')
})

test('a process whose name is like the fields behind it is found all the same, and its children', async () => {
  // proc(5): the name stands in parentheses and may hold anything.
  const script = [
    'process.title = ") R 1 1 (x"',
    'const options = { stdio: ["pipe", "ignore", "ignore"] }',
    'const child = require("child_process").spawn("cat", options)',
    'console.log(child.pid)',
  ].join('; ')
  await using odd = await started(process.execPath, '-e', script)
  const child = Number(odd.line)
  assert.equal(readFileSync(`/proc/${odd.pid}/comm`, 'latin1'), ') R 1 1 (x\n', 'control: it has that name')
  const ours = processTree(process.pid)
  assert.deepEqual([ours.includes(odd.pid), ours.includes(child)], [true, true])
  process.kill(child, 'SIGKILL')
})

test('one that is not there has no tree, and no memory', async () => {
  const gone = spawn('true', { stdio: 'ignore' })
  await once(gone, 'exit')
  assert.deepEqual(processTree(gone.pid ?? -1), [])
  assert.equal(memoryOf([gone.pid ?? -1]), 0)
  assert.equal(memoryOf([]), 0)
})

test('memory that a process has touched is counted, and what it has only asked for is not', async () => {
  const script = (touch: string) =>
    `const b = Buffer.allocUnsafeSlow(64 * 2 ** 20); ${touch}; console.log(b.length); process.stdin.resume()`
  await using touched = await started(process.execPath, '-e', script('b.fill(1)'))
  await using idle = await started(process.execPath, '-e', script('0'))
  const [full, empty] = [memoryOf([touched.pid]), memoryOf([idle.pid])]
  assert.ok(full !== undefined && empty !== undefined)
  assert.ok(full >= 64 * MIB, `${full / MIB} MiB`)
  assert.ok(full - empty >= 48 * MIB, `${(full - empty) / MIB} MiB more than without touching`)
  const both = memoryOf([touched.pid, idle.pid]) ?? 0
  assert.ok(both >= full, 'of several it is the sum')
})
