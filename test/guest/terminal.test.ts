import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import {
  AS_PROCESS_ONE,
  type Bench,
  folderOf,
  openBench,
  PACKAGE_ROOT,
  PEOPLE,
  type Person,
  run,
  Session,
} from './program.ts'

const CTRL_C = '\u0003'
const CTRL_Z = '\u001a'

let bench: Bench
let pty: string
before(async () => {
  bench = await openBench()
  pty = join(bench.root, 'pty')
  const source = join(PACKAGE_ROOT, 'test/guest/pty.c')
  await promisify(execFile)('cc', ['-std=c11', '-Wall', '-Wextra', '-Werror', source, '-o', pty])
})
after(() => bench[Symbol.asyncDispose]())

/** On a terminal, process 1 runs the command; `ready` stands in the output in two pieces, against its own echo. */
const start = (
  person: Person,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Session => new Session([pty, ...AS_PROCESS_ONE, bench.guest, 'init', '--', ...command], { person, env })

for (const person of PEOPLE)
  describe(`process 1 on a terminal, run by ${person.name}`, () => {
    test('stdin is a terminal of the command, which is in its foreground', async () => {
      const foreground = 'tty -s && [ "$(ps -o tpgid= -p $$)" -eq "$(ps -o pgid= -p $$)" ] && echo foreground'
      const ended = await start(person, ['sh', '-c', foreground]).ended()
      assert.deepEqual([ended.code, ended.stdout.toString()], [0, 'foreground\r\n'])
    })

    test('exit codes are those of the command', async () => {
      assert.equal((await start(person, ['sh', '-c', 'exit 3']).ended()).code, 3)
      assert.equal((await start(person, ['sh', '-c', 'kill -TERM $$']).ended()).code, 143)
      assert.equal((await start(person, ['no-such-command']).ended()).code, 127)
    })

    test('^C ends the command with 130', async () => {
      const session = start(person, ['sh', '-c', 'echo ready; exec sleep infinity'])
      await session.until('ready')
      session.write(CTRL_C)
      assert.equal((await session.ended()).code, 130)
    })

    test('^C interrupts the command only, not process 1', async () => {
      const trap = 'trap "echo interrupted; exit 4" INT; echo ready; sleep infinity & while :; do wait; done'
      const session = start(person, ['sh', '-c', trap])
      await session.until('ready')
      session.write(CTRL_C)
      await session.until('interrupted')
      assert.equal((await session.ended()).code, 4)
    })

    test('an interactive bash has job control: ^Z, fg, ^C', async () => {
      const session = start(person, ['bash', '--norc', '--noprofile', '-i'], { PS1: '$ ', HISTFILE: '' })
      const wait = 'sleep infinity & while :; do wait; done'
      session.write(`sh -c 'trap "echo resu""med" CONT; echo run""ning; ${wait}'\n`)
      await session.until('running')
      session.write(CTRL_Z)
      await session.until('Stopped')
      session.write('jobs; echo jo""bs=$?\n')
      await session.until('Stopped')
      await session.until('jobs=0')
      session.write("fg; echo co''de=$?\n")
      await session.until('resumed') // only then is the job in the foreground again
      session.write(CTRL_C)
      session.write("echo la''st=$?\n")
      await session.until('last=130')
      session.write('exit 5\n')
      const ended = await session.ended()
      assert.equal(ended.code, 5)
      assert.doesNotMatch(ended.stdout.toString(), /no job control/)
    })

    test('an interactive bash does not complain of a missing job control', async () => {
      const session = start(person, ['bash', '--norc', '--noprofile', '-i'], { PS1: '$ ', HISTFILE: '' })
      session.write('exit 6\n')
      const ended = await session.ended()
      assert.equal(ended.code, 6)
      assert.doesNotMatch(ended.stdout.toString(), /job control|cannot set terminal process group/)
    })

    test('^Z does not strand a command that no shell could bring back', async () => {
      const trap = 'trap "echo continued; exit 4" CONT; echo ready; sleep infinity & while :; do wait; done'
      const session = start(person, ['sh', '-c', trap])
      await session.until('ready')
      session.write(CTRL_Z)
      await session.until('continued')
      assert.equal((await session.ended()).code, 4)
    })

    test('a change of the window reaches the command', async () => {
      const session = start(person, [
        'sh',
        '-c',
        'trap "stty size; exit 0" WINCH; echo ready; sleep infinity & wait',
      ])
      await session.until('ready')
      session.process.kill('SIGUSR1')
      await session.until('40 100')
      assert.equal((await session.ended()).code, 0)
    })

    test('when the terminal goes away, so does the command', async () => {
      const folder = await folderOf(person, bench.root)
      const fifo = join(folder, 'alive')
      assert.equal((await run(['mkfifo', fifo], { person })).code, 0)
      const session = start(person, ['sh', '-c', `exec 9>${fifo}; echo ready; exec sleep infinity`])
      await using alive = await open(fifo, 'r') // opens once the command has its end
      await session.until('ready')
      session.process.kill('SIGKILL')
      assert.equal((await alive.read()).bytesRead, 0) // and ends once no process holds that
    })
  })
