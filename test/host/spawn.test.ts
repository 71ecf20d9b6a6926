import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { spawnTool } from '../../src/host/spawn.ts'

test('output, words and exit code of a tool come back', async () => {
  const result = await spawnTool(['sh', '-c', 'echo yes; echo no >&2; exit 7'])
  assert.deepEqual(result, { exitCode: 7, stdout: 'yes\n', stderr: 'no\n' })
})

test('lines are told as they come', async () => {
  const lines: string[] = []
  await spawnTool(['sh', '-c', 'echo a; printf "b\\nc"; echo d >&2'], {
    onOutputLine: (line) => lines.push(line),
    onLine: (line) => lines.push(`error ${line}`),
  })
  assert.deepEqual(lines.sort(), ['a', 'b', 'error d'])
})

test('captured output is bounded and keeps its end', async () => {
  const result = await spawnTool(['sh', '-c', 'head -c 3000000 /dev/zero; printf end'])
  assert.equal(result.stdout.length, 256 * 1024)
  assert.ok(result.stdout.endsWith('end'))
})

test('a tool that is not installed is named, with what to do', async () => {
  await assert.rejects(spawnTool(['no-such-tool']), {
    code: 'TOOL_MISSING',
    message: /no-such-tool: it is not installed/,
  })
})

test('an abort kills the tool', async () => {
  const abort = new AbortController()
  const running = spawnTool(['sleep', '1000'], { signal: abort.signal })
  abort.abort(new Error('enough'))
  await assert.rejects(running, /enough/)
})

test('a tool ends with the process that started it, even a killed one', async () => {
  const script = `
    import { spawnTool } from ${JSON.stringify(new URL('../../src/host/spawn.ts', import.meta.url).href)}
    spawnTool(['sh', '-c', 'echo $$ >&2; exec sleep 1000'], { onLine: (pid) => process.stdout.write(pid) })`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [pid] = (await once(parent.stdout, 'data')) as [Buffer]
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  while (readState(Number(pid)) === 'S') await setImmediate()
  assert.notEqual(readState(Number(pid)), 'S')
})

/** The state letter of proc(5), or nothing where the process is gone. */
function readState(pid: number): string | undefined {
  return existsSync(`/proc/${pid}/stat`)
    ? /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]
    : undefined
}
