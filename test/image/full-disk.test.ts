import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { LAUNCHER } from '../support/base-box.ts'
import { scratchStore } from '../support/scratch-store.ts'
import { tarBytes } from './tar-bytes.ts'

const store = scratchStore()
after(() => store[Symbol.asyncDispose]())
symlinkSync(store.paths.programs, join(store.paths.data, 'native'))
const archive = join(store.folder, 'big.tar')
writeFileSync(archive, tarBytes([{ name: 'big', content: randomBytes(24 * 2 ** 20) }]))
const env = { ...process.env, ...store.env, PATH: `${dirname(LAUNCHER)}:${process.env['PATH']}` }

const shell = (script: string, ...args: string[]): { code: number | null; err: string } => {
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', ...args], { env, encoding: 'utf8' })
  return { code: status, err: stderr }
}
const names = (): string[] => (readdirSync(store.context.places.root, { recursive: true }) as string[]).sort()
const IMPORT = 'glovebox image import --name big "tar:$1"'

/* Any user can be out of room in this way: a bound on files (setrlimit(2)) fails a write as a full disk or a quota does. */
test('an import that runs out of room says so and leaves nothing, and the next one works', () => {
  const before = names()
  const failed = shell(`ulimit -f 4096; ${IMPORT}`, archive)
  assert.equal(failed.code, 1, failed.err)
  assert.match(failed.err, /Cannot write the image: .*(full|room|large)/)
  assert.match(failed.err, /→ /)
  assert.deepEqual(names(), before)
  const verified = shell('glovebox image verify')
  assert.equal(verified.code, 0, verified.err)
  const again = shell(IMPORT, archive)
  assert.equal(again.code, 0, again.err)
  assert.equal(shell('glovebox image verify').code, 0)
})

/* Only root can make a small disk of its own: in a mount namespace, seen by nobody else. */
if (process.getuid?.() === 0)
  test('an import on a disk that is full says so and leaves nothing', () => {
    const small = join(store.folder, 'small')
    mkdirSync(small)
    const script = `
      mount -t tmpfs -o size=16m tmpfs "$2" && mkdir -p "$2/glovebox" && ln -s "$3" "$2/glovebox/native" &&
      export XDG_DATA_HOME="$2" && { ${IMPORT}; code=$?; ls "$2"/glovebox/store/tmp "$2"/glovebox/store/trees/sha256 >&2; exit $code; }`
    const { status, stderr } = spawnSync(
      'unshare',
      [
        '--mount',
        '--propagation',
        'private',
        'bash',
        '-c',
        script,
        'bash',
        archive,
        small,
        store.paths.programs,
      ],
      { env, encoding: 'utf8' },
    )
    assert.equal(status, 1, stderr)
    assert.match(stderr, /the disk of the image store is full/)
    assert.match(stderr, /store\/tmp:\n\n.*trees\/sha256:\n$/)
  })
