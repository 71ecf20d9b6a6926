import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spawnTool } from '../../src/host/spawn.ts'

test('a tool gets its input, and its output and exit code come back', async () => {
  const echoed = await spawnTool(['cat'], { stdin: 'hello' })
  assert.deepEqual(echoed, { exitCode: 0, stdout: 'hello', stderr: '' })
  assert.equal((await spawnTool(['sh', '-c', 'echo no >&2; exit 7'])).exitCode, 7)
})

test('captured output is bounded and keeps its end', async () => {
  const result = await spawnTool(['sh', '-c', 'head -c 3000000 /dev/zero; printf end'])
  assert.equal(result.stdout.length, 1 << 20)
  assert.ok(result.stdout.endsWith('end'))
})

test('a tool that is not installed is named with its package', async () => {
  await assert.rejects(spawnTool(['no-such-tool'], { debianPackage: 'some-package' }), (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error && 'remedy' in error)
    assert.equal(error.code, 'TOOL_MISSING')
    assert.match(String(error.remedy), /apt-get install some-package/)
    return true
  })
})

test('an abort kills the tool', async () => {
  const abort = new AbortController()
  const running = spawnTool(['sleep', '1000'], { signal: abort.signal })
  abort.abort(new Error('enough'))
  await assert.rejects(running, /enough/)
})

test('a tool that stops reading its input is judged by its exit code', async () => {
  const result = await spawnTool(['true'], { stdin: Buffer.alloc(5_000_000) })
  assert.equal(result.exitCode, 0)
})
