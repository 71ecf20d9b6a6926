import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { AS_PROCESS_ONE, type Bench, openBench, PEOPLE, type Person, run, Session } from './program.ts'

let bench: Bench
before(async () => {
  bench = await openBench()
})
after(() => bench[Symbol.asyncDispose]())

const start = (person: Person, script: string): Session =>
  new Session([...AS_PROCESS_ONE, bench.guest, 'init', '--', 'sh', '-c', script], { person })

/** Pid, in our namespace, of the process 1 that unshare(1) has made: its only child. */
async function processOne(session: Session): Promise<number> {
  const pid = session.process.pid
  return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim())
}

/**
 * Words that start a process, $pid, which ends once its parent is gone, which might reap it, and `ready` holds.
 * In the inner shell's background process, $$ is still that shell.
 */
const orphan = (ready: string): string =>
  `pid=$(sh -c 'until [ ! -e /proc/$$ ] && ${ready}; do :; done >/dev/null & echo $!')`

const FORWARDED = [
  'TERM',
  'INT',
  'HUP',
  'QUIT',
  'USR1',
  'USR2',
  'CONT',
  'WINCH',
  'TSTP',
  'ALRM',
  'PIPE',
  'IO',
] as const

for (const person of PEOPLE)
  describe(`process 1, run by ${person.name}`, () => {
    for (const name of FORWARDED)
      test(`passes SIG${name} on`, async () => {
        const session = start(
          person,
          `trap 'echo got ${name}; exit 7' ${name}; sleep infinity & echo ready; wait`,
        )
        await session.until('ready\n')
        process.kill(await processOne(session), constants.signals[`SIG${name}`])
        const ended = await session.ended()
        assert.deepEqual([ended.code, ended.stdout.toString()], [7, `got ${name}\n`])
      })

    test('passes a real-time signal on', async () => {
      const session = start(person, 'trap "exit 7" 35; sleep infinity & echo ready; wait')
      await session.until('ready\n')
      process.kill(await processOne(session), 35)
      assert.equal((await session.ended()).code, 7)
    })

    test('passes a signal on to the whole group of the command', async () => {
      const inner = 'trap "echo inner; exit" TERM; sleep infinity & echo ready; wait'
      const session = start(person, `trap 'wait $p; echo outer; exit 5' TERM; (${inner}) & p=$!; wait $p`)
      await session.until('ready\n')
      process.kill(await processOne(session), 'SIGTERM')
      const ended = await session.ended()
      assert.deepEqual([ended.code, ended.stdout.toString()], [5, 'inner\nouter\n'])
    })

    test('is not itself ended by a signal that the command ignores', async () => {
      const session = start(person, 'trap "" TERM INT; echo ready; read line; echo "$line"')
      await session.until('ready\n')
      const pid = await processOne(session)
      process.kill(pid, 'SIGTERM')
      process.kill(pid, 'SIGINT')
      session.write('still here\n')
      assert.equal((await session.ended()).stdout.toString(), 'still here\n')
    })

    test('ends as the command does, though others still run', async () => {
      const session = start(person, 'sleep infinity & sleep infinity & exit 9')
      assert.equal((await session.ended()).code, 9)
    })

    test('reaps orphans', async () => {
      // kill -0 finds a zombie too, so the loop ends only once the orphan is reaped.
      const session = start(
        person,
        `${orphan('true')}; while kill -0 $pid 2>/dev/null; do :; done; echo reaped`,
      )
      assert.equal((await session.ended()).stdout.toString(), 'reaped\n')
    })

    test('a process 1 that does not reap leaves the orphan a zombie: the control', async () => {
      const waitForZombie = 'while ! grep -q "^State:.Z" /proc/$pid/status; do :; done; echo zombie'
      const script = `(${orphan('grep -q cat /proc/1/comm')}; ${waitForZombie}) & exec cat`
      const session = new Session([...AS_PROCESS_ONE, 'sh', '-c', script], { person })
      await session.until('zombie\n')
      assert.equal((await session.end()).code, 0)
    })

    test('gives the command an empty mask and default dispositions, whatever it got itself', async () => {
      const ignoring = ['sh', '-c', 'trap "" HUP INT QUIT PIPE TERM CHLD USR1; exec "$@"', 'sh']
      const masks = ['grep', '-E', '^Sig(Blk|Ign):', '/proc/self/status']
      const status = async (words: readonly string[]): Promise<string> =>
        (await run([...ignoring, ...words, ...masks], { person })).stdout.toString()
      const none = `SigBlk:\t${'0'.repeat(16)}\nSigIgn:\t${'0'.repeat(16)}\n`
      assert.notEqual(await status([]), none, 'the control: without the program they stay ignored')
      assert.equal(await status([bench.guest, 'init', '--']), none)
      assert.equal(await status([bench.guest, 'exec', '--']), none)
    })

    test('passes stdin on and ends on its end', async () => {
      const stdin = Buffer.from('one\ntwo\n')
      const ended = await run([...AS_PROCESS_ONE, bench.guest, 'init', '--', 'cat'], { person, stdin })
      assert.deepEqual([ended.code, ended.stdout.toString()], [0, 'one\ntwo\n'])
    })

    test('leaves the session it came from, so that no terminal of that one can be reached', async () => {
      const ended = await run([bench.guest, 'init', '--', 'sh', '-c', 'cut -d" " -f4,6 /proc/self/stat'], {
        person,
      })
      const [parent, session] = ended.stdout.toString().trim().split(' ')
      const own = (await readFile('/proc/self/stat', 'utf8')).split(' ')[5]
      assert.notEqual(session, own)
      assert.notEqual(parent, undefined)
    })
  })
