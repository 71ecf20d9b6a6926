import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import type { Glovebox } from '../../src/sdk.ts'
import { PACKAGE_ROOT, Session } from '../guest/program.ts'
import { inBox, LAUNCHER, readyGlovebox } from '../support/base-box.ts'
import { EVERY_ENGINE } from '../support/box-words.ts'

const CTRL_C = '\u0003'
const CTRL_Z = '\u001a'
const folder = mkdtempSync(join(tmpdir(), 'glovebox-terminal-'))
const pty = join(folder, 'pty')

let glovebox: Glovebox
before(async () => {
  glovebox = await readyGlovebox()
  const source = join(PACKAGE_ROOT, 'test/guest/pty.c')
  await promisify(execFile)('cc', ['-std=c11', '-Wall', '-Wextra', '-Werror', source, '-o', pty])
})
after(() => rmSync(folder, { recursive: true }))

/** The whole command line on a terminal of its own, as a person has it. */
const onTerminal = (...words: readonly string[]): Session => new Session([pty, LAUNCHER, ...words])

/* What is waited for stands in the typed words in two pieces, against their echo. */
for (const engine of EVERY_ENGINE) {
  test(`${engine}: an interactive bash edits lines, has job control, and ends with its own code`, async () => {
    const shell = onTerminal('run', '--engine', engine, '--', 'bash', '--norc', '--noprofile')
    await shell.until('$ ')
    shell.write('echo "he""re"\n')
    await shell.until('here')
    const wait = 'sleep 1000 & while :; do wait; done'
    shell.write(`sh -c 'trap "echo resu""med" CONT; echo run""ning; ${wait}'\n`)
    await shell.until('running')
    shell.write(CTRL_Z)
    await shell.until('Stopped')
    shell.write("fg; echo co''de=$?\n")
    await shell.until('resumed')
    shell.write(CTRL_C)
    shell.write("echo la''st=$?\n")
    await shell.until('last=130')
    shell.write('exit 5\n')
    const { code, stdout } = await shell.ended()
    assert.equal(code, 5)
    assert.doesNotMatch(stdout.toString(), /no job control/)
  })

  test(`${engine}: ^C ends a command with 130`, async () => {
    const session = onTerminal('run', '--engine', engine, '--', 'sh', '-c', 'echo ready; exec sleep 1000')
    await session.until('ready')
    session.write(CTRL_C)
    assert.equal((await session.ended()).code, 130)
  })

  test(`${engine}: a change of the window reaches the command`, async () => {
    const script = 'trap "stty size; exit 0" WINCH; echo ready; sleep 1000 & while :; do wait; done'
    const session = onTerminal('run', '--engine', engine, '--', 'sh', '-c', script)
    await session.until('ready')
    session.process.kill('SIGUSR1') // of the fixture: it makes its window 40 by 100
    await session.until('40 100')
    assert.equal((await session.ended()).code, 0)
  })

  test(`${engine}: a further command has a terminal too`, async () => {
    await using box = await glovebox.boxes.create({ engine })
    const shell = onTerminal('exec', box.id, '--', 'bash', '--norc', '--noprofile')
    await shell.until('$ ')
    shell.write(`sh -c 'test -t 0 -a -t 1 && echo "termi""nal"; exec sleep 1000'\n`)
    await shell.until('terminal')
    shell.write(CTRL_C)
    shell.write("echo la''st=$?\n")
    await shell.until('last=130')
    shell.write('exit 6\n')
    assert.equal((await shell.ended()).code, 6)
  })

  test(`${engine}: select waits, and a call that the kernel does not have says so`, async () => {
    const script = `
      $ready = ''; vec($ready, fileno(STDIN), 1) = 1;
      print scalar(select($ready, undef, undef, 60)), "\\n";
      for my $call (435, 100000) { print syscall($call, 0, 0), ' ', $!{ENOSYS} ? 'ENOSYS' : $!, "\\n" }`
    const { out } = await inBox(glovebox, ['perl', '-e', script], { engine }, 'input')
    /* clone3: a container has none, gVisor's kernel has one and misses its arguments; neither says EPERM. */
    assert.match(out, /^1\n-1 (ENOSYS|Invalid argument)\n-1 ENOSYS\n$/)
  })
}
