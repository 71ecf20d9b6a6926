import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import type { BoxProcess, Glovebox } from '../../src/sdk.ts'
import { compileProbe, readyGlovebox } from '../support/base-box.ts'

/* What runs in a box reaches for the commands that join it. */

let glovebox: Glovebox
const probe = compileProbe()
before(async () => {
  glovebox = await readyGlovebox()
})
after(() => probe.remove())

/** Has the box's own shell run a script, and takes what it prints as one line. */
async function ask(shell: BoxProcess, line: string): Promise<string> {
  const answer = once(shell.stdout, 'data')
  shell.stdin.write(`echo $(${line})\n`)
  return String((await answer)[0]).trim()
}

for (const user of ['user', 'root'])
  test(`container: a command that joins can neither be traced nor read by what ${user} runs in the box`, async () => {
    const { box, main } = await glovebox.boxes.start({ engine: 'container', user, command: ['sh'] })
    await using _box = box
    await box.copyIn(probe.path, '/tmp/probe')
    /* It is Landlock that keeps them apart (guest/landlock.c); a kernel without it promises nothing here. */
    if (Number(await ask(main, '/run/glovebox/guest landlock')) < 2) return
    const joined = await box.exec(['sh', '-c', 'echo $$; exec sleep 1000'], {
      env: { SECRET: 'of-this-command' },
    })
    const pid = String((await once(joined.stdout, 'data'))[0]).trim()
    const reach = (target: string): Promise<string> =>
      ask(main, `/tmp/probe use trace ${target}; grep -c of-this /proc/${target}/environ 2>/dev/null`)
    /* A shell becomes its command a moment after it has said so; that this ends also shows that the command is seen. */
    const asleep = (target: string): string => `until grep -q ^sleep /proc/${target}/cmdline; do :; done`
    await ask(main, `${asleep(pid)}; echo seen`)
    assert.match(await reach(pid), /^errno \d+$/)
    const own = await ask(main, `SECRET=of-this-box sleep 1000 > /dev/null & ${asleep('$!')}; echo $!`)
    assert.match(await reach(own), /^ok 1$/, 'control: a process of its own can be')
    joined.kill('SIGKILL')
    await joined.exitCode
  })

test('a command that joins has the box’s filter and no capability, whoever it is', async () => {
  for (const user of ['user', 'root']) {
    await using box = await glovebox.boxes.create({ engine: 'container' })
    const run = await box.exec(['cat', '/proc/self/status'], { user })
    run.stdin.end()
    const status = (await run.result()).stdout.toString()
    for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'])
      assert.match(status, new RegExp(`^Cap${set}:\\s+0+$`, 'm'))
    assert.match(status, /^NoNewPrivs:\s+1$/m)
    assert.match(status, /^Seccomp:\s+2$/m)
  }
})
