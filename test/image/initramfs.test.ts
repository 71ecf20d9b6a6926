import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import { findTool } from '../../src/host/tools.ts'
import { cpioArchive } from '../../src/image/cpio.ts'
import { ensureInitramfs } from '../../src/image/initramfs.ts'
import { loadOrder } from '../../src/image/kernel-modules.ts'
import { imageOfLayers } from '../support/layers.ts'
import { scratchStore } from '../support/scratch-store.ts'
import type { RawEntry } from './tar-bytes.ts'

/** Runs the real cpio(1), which judges the archive. */
function cpio(archive: Uint8Array, words: readonly string[], cwd?: string): string {
  const { status, stdout, stderr } = spawnSync('cpio', words, { input: archive, cwd, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return stdout
}

const xz = (text: string): Buffer => spawnSync('xz', ['-c'], { input: text }).stdout
const folders = (...names: string[]): RawEntry[] => names.map((name) => ({ name, type: '5', mode: 0o755 }))

const M = 'usr/lib/modules/6.12.9-cloud-amd64'
const DEPENDENCIES = `kernel/overlay.ko.xz:
kernel/virtio_blk.ko.xz:
kernel/virtio_mmio.ko:
kernel/net/virtio_net.ko.xz: kernel/net/net_failover.ko.xz kernel/net/failover.ko.xz
kernel/net/net_failover.ko.xz: kernel/net/failover.ko.xz
kernel/net/failover.ko.xz:
`
const TOOLS: readonly RawEntry[] = [
  ...folders('bin/', 'boot/', 'usr/', 'usr/bin/', 'usr/lib/', 'usr/lib/modules/', `${M}/`, `${M}/kernel/`),
  ...folders(`${M}/kernel/net/`, 'usr/lib/modules/6.12.10-cloud-amd64/'),
  { name: 'bin/busybox', mode: 0o755, content: readFileSync(findTool('busybox')?.path ?? '') },
  { name: 'bin/cat', type: '2', linkname: 'busybox' },
  { name: 'usr/bin/xz', type: '2', linkname: '../../bin/busybox' },
  { name: 'boot/vmlinuz-6.12.9-cloud-amd64', content: 'kernel' },
  { name: 'boot/vmlinuz-6.12.11-cloud-amd64', content: 'a kernel without its modules' },
  { name: `${M}/modules.dep`, content: DEPENDENCIES },
  {
    name: `${M}/modules.builtin`,
    content: 'kernel/ext4.ko\nkernel/virtio-pci.ko\nkernel/virtio_console.ko\n',
  },
  ...['overlay', 'virtio_blk', 'net/virtio_net', 'net/net_failover', 'net/failover'].map((name) => ({
    name: `${M}/kernel/${name}.ko.xz`,
    content: xz(`module ${name}`),
  })),
  { name: `${M}/kernel/virtio_mmio.ko`, content: 'module virtio_mmio' },
]

const store = scratchStore()
after(() => store[Symbol.asyncDispose]())
const guest = join(store.folder, 'guest')
writeFileSync(guest, 'the guest program')
const tools = await imageOfLayers(store.context, 'tools', [TOOLS])

test('cpio lists an archive as it was meant', () => {
  const archive = cpioArchive([
    { path: 'd', kind: 'folder', mode: 0o755 },
    { path: 'd/console', kind: 'character-device', mode: 0o600, device: [5, 1] },
    ...[0, 1, 2, 3, 4, 5].map(
      (length) =>
        ({
          path: `f${'x'.repeat(length)}`,
          kind: 'file',
          mode: 0o640,
          content: Buffer.alloc(length, 'a'),
        }) as const,
    ),
  ])
  const lines = cpio(archive, ['-itv', '--numeric-uid-gid'])
    .trim()
    .split('\n')
    .map((line) => line.replace(/ +/g, ' ').split(' '))
  assert.deepEqual(
    lines.map((words) => [words[0], words.slice(2, 4).join(':'), words.at(-1)]),
    [
      ['drwxr-xr-x', '0:0', 'd'],
      ['crw-------', '0:0', 'd/console'],
      ...[0, 1, 2, 3, 4, 5].map((length) => ['-rw-r-----', '0:0', `f${'x'.repeat(length)}`]),
    ],
  )
  assert.deepEqual(lines[1]?.slice(4, 6), ['5,', '1'])
  assert.equal(cpio(archive, ['-i', '--to-stdout', 'fxxxxx']), 'aaaaa')
})

test('modules come behind what they need, and each once', () => {
  const dependencies = 'k/a.ko: k/c.ko k/b.ko\nk/b.ko: k/c.ko\nk/c.ko:\nk/d-e.ko.xz: k/c.ko\n'
  const lists = { dependencies, builtin: 'k/in-side.ko\n' }
  assert.deepEqual(loadOrder(lists, ['a', 'in_side', 'd_e', 'b']), [
    'k/c.ko',
    'k/b.ko',
    'k/a.ko',
    'k/d-e.ko.xz',
  ])
})

test('a module that the kernel does not have is named, and a circle ends', () => {
  const missing = (name: string) => (error: unknown) =>
    error instanceof GloveboxError &&
    error.code === 'KERNEL_MODULE_MISSING' &&
    error.details['module'] === name
  assert.throws(() => loadOrder({ dependencies: 'k/a.ko: k/b.ko\n', builtin: '' }, ['a']), missing('b'))
  assert.throws(
    () => loadOrder({ dependencies: 'k/a.ko: k/b.ko\nk/b.ko: k/a.ko', builtin: '' }, ['a']),
    missing('a'),
  )
})

test('an initramfs has the guest program, its modules unpacked and in order, and the places for mounts', async () => {
  const { path, kernel } = await ensureInitramfs(store.context, tools, 'cloud', guest)
  assert.equal(kernel, '/boot/vmlinuz-6.12.9-cloud-amd64')
  const archive = readFileSync(path)
  assert.deepEqual(cpio(archive, ['-it']).trim().split('\n'), [
    ...['dev', 'proc', 'sys', 'base', 'write', 'root', 'modules', 'dev/console', 'init'],
    ...['modules/00-overlay.ko', 'modules/01-virtio_mmio.ko', 'modules/02-virtio_blk.ko'],
    ...['modules/03-failover.ko', 'modules/04-net_failover.ko', 'modules/05-virtio_net.ko'],
  ])
  const content = (name: string): string => cpio(archive, ['-i', '--to-stdout', name])
  assert.equal(content('init'), 'the guest program')
  assert.equal(content('modules/05-virtio_net.ko'), 'module net/virtio_net')
  assert.equal(content('modules/01-virtio_mmio.ko'), 'module virtio_mmio')
  assert.equal(statSync(path).mode & 0o777, 0o444)
})

test('the same inputs make one initramfs, another guest program makes another', async () => {
  const first = await ensureInitramfs(store.context, tools, 'cloud', guest)
  const { ino } = statSync(first.path)
  assert.equal(statSync((await ensureInitramfs(store.context, tools, 'cloud', guest)).path).ino, ino)
  const newer = join(store.folder, 'newer')
  writeFileSync(newer, 'a newer guest program')
  assert.notEqual((await ensureInitramfs(store.context, tools, 'cloud', newer)).path, first.path)
})

test('a tools image without the kernel says so', async () => {
  await assert.rejects(
    ensureInitramfs(store.context, tools, 'uml', guest),
    (error) => error instanceof GloveboxError && error.code === 'KERNEL_MISSING',
  )
})
