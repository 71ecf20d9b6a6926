import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { archive, entry, extended, record } from './archive.ts'
import { type Bench, folderOf, openBench, PEOPLE, type Person, run } from './program.ts'

let bench: Bench
before(async () => {
  bench = await openBench()
})
after(() => bench[Symbol.asyncDispose]())

/** What lies below a folder: one line a name, so that two trees can be compared. Names are bytes. */
async function describeTree(folder: Buffer, name = Buffer.alloc(0)): Promise<string[]> {
  const path = Buffer.concat([folder, Buffer.from('/'), name])
  const status = await lstat(path)
  const kind = status.isSymbolicLink() ? 'link' : status.isDirectory() ? 'folder' : 'file'
  const content = status.isSymbolicLink()
    ? (await readlink(path, 'buffer')).toString('hex')
    : status.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : ''
  const mode = kind === 'link' ? '' : (status.mode & 0o7777).toString(8)
  const lines = [[name.toString('latin1'), kind, mode, Math.floor(status.mtimeMs / 1000), content].join('\t')]
  if (!status.isDirectory()) return lines
  const members = (await readdir(path, { encoding: 'buffer' })).sort(Buffer.compare)
  for (const member of members)
    lines.push(...(await describeTree(folder, Buffer.concat([name, Buffer.from('/'), member]))))
  return lines
}

const ODD_NAMES: readonly Buffer[] = [
  Buffer.from('plain'),
  Buffer.from('two\nlines'),
  Buffer.from(' leading and trailing '),
  Buffer.from('-rf'),
  Buffer.from('\\x41 "quoted" $HOME *'),
  Buffer.from('\u001b[31mred'),
  Buffer.from('имя с буквами'),
  Buffer.from([0xff, 0xfe, 0x80, 0x41]), // not UTF-8
  Buffer.from('x'.repeat(100)),
  Buffer.from('x'.repeat(101)),
  Buffer.from('x'.repeat(255)),
  Buffer.from('...'),
]

async function oddTree(person: Person, root: string): Promise<string> {
  const folder = await folderOf(person, root)
  const top = join(folder, 'top')
  await mkdir(top)
  for (const name of ODD_NAMES) await writeFile(Buffer.concat([Buffer.from(`${top}/`), name]), name)
  const deep = join(top, 'a'.repeat(110), 'b'.repeat(110), 'c'.repeat(110)) // more than 300 characters
  await mkdir(deep, { recursive: true })
  await writeFile(join(deep, 'file'), 'deep')
  for (const size of [0, 1, 511, 512, 513, 65_536, 200_001])
    await writeFile(join(top, `size ${size}`), 'z'.repeat(size))
  for (const mode of [0o400, 0o600, 0o644, 0o755, 0o777]) {
    await writeFile(join(top, `mode ${mode}`), '')
    await chmod(join(top, `mode ${mode}`), mode)
  }
  await symlink('plain', join(top, 'link'))
  await symlink('/no/such/place', join(top, 'dangling'))
  await symlink('../'.repeat(60), join(top, 'long link'))
  await mkdir(join(top, 'closed'))
  await writeFile(join(top, 'closed', 'inside'), 'x')
  await mkdir(join(top, 'sticky'))
  await chmod(join(top, 'sticky'), 0o1777)
  await utimes(join(top, 'plain'), 1, 123_456_789)
  if (person.ids !== undefined) await ownAll(top, person.ids)
  await chmod(join(top, 'closed'), 0o555)
  await utimes(join(top, 'closed'), 1, 987_654_321)
  await utimes(top, 1, 555_555_555)
  return top
}

async function ownAll(top: string, ids: { readonly uid: number; readonly gid: number }): Promise<void> {
  await run(['chown', '-Rh', `${ids.uid}:${ids.gid}`, top])
  await chown(top, ids.uid, ids.gid)
}

for (const person of PEOPLE)
  describe(`get and put, run by ${person.name}`, () => {
    test('what is got and put is the same: names, modes, times, links and contents', async () => {
      const top = await oddTree(person, bench.root)
      const to = await folderOf(person, bench.root)
      const got = await run([bench.guest, 'get', top], { person })
      assert.deepEqual([got.code, got.stderr], [0, ''])
      const put = await run([bench.guest, 'put', to], { person, stdin: got.stdout })
      assert.deepEqual([put.code, put.stderr], [0, ''])
      const wanted = await describeTree(Buffer.from(top))
      assert.ok(wanted.length > 30)
      assert.deepEqual(await describeTree(Buffer.from(join(to, 'top'))), wanted)
    })

    test('GNU tar reads what get writes, and put reads what GNU tar writes', async () => {
      const top = await oddTree(person, bench.root)
      const to = await folderOf(person, bench.root)
      const got = await run([bench.guest, 'get', top], { person })
      const unpacked = await run(['tar', '-xp', '-C', to], { person, stdin: got.stdout })
      assert.deepEqual([unpacked.code, unpacked.stderr], [0, ''])
      const wanted = await describeTree(Buffer.from(top))
      assert.deepEqual(await describeTree(Buffer.from(join(to, 'top'))), wanted)
      const packed = await run(['tar', '-c', '--format=posix', '-C', join(top, '..'), 'top'], { person })
      const again = await folderOf(person, bench.root)
      const put = await run([bench.guest, 'put', again], { person, stdin: packed.stdout })
      assert.deepEqual([put.code, put.stderr], [0, ''])
      assert.deepEqual(await describeTree(Buffer.from(join(again, 'top'))), wanted)
    })

    test('put --as renames the top entry, of a folder, a file and of "."', async () => {
      const top = await oddTree(person, bench.root)
      const put = async (stdin: Buffer): Promise<string> => {
        const to = await folderOf(person, bench.root)
        const ended = await run([bench.guest, 'put', '--as', 'renamed', to], { person, stdin })
        assert.deepEqual([ended.code, ended.stderr], [0, ''])
        return join(to, 'renamed')
      }
      const get = async (path: string): Promise<Buffer> =>
        (await run([bench.guest, 'get', path], { person })).stdout
      const dot = await run(['tar', '-c', '--format=posix', '-C', top, '.'], { person })
      const wanted = await describeTree(Buffer.from(top))
      assert.deepEqual(await describeTree(Buffer.from(await put(await get(top)))), wanted)
      assert.deepEqual(await describeTree(Buffer.from(await put(dot.stdout))), wanted)
      assert.equal(await readFile(await put(await get(join(top, 'plain'))), 'utf8'), 'plain')
    })

    test('put --as refuses an archive with several top entries, and what is no name', async () => {
      const to = await folderOf(person, bench.root)
      const stdin = archive(entry({ name: 'one' }), entry({ name: 'two' }))
      const several = await run([bench.guest, 'put', '--as', 'x', to], { person, stdin })
      assert.equal(several.code, 1)
      assert.match(several.stderr, /^glovebox: two: the archive has more than one top entry/)
      for (const name of ['', '.', '..', 'a/b', '/a'])
        assert.equal((await run([bench.guest, 'put', '--as', name, to], { person, stdin })).code, 1)
    })

    test('the top name is that of the folder even where the path does not say it', async () => {
      const top = await oddTree(person, bench.root)
      for (const path of ['.', './', '../top', '../top//', `${top}/.`]) {
        const got = await run([bench.guest, 'get', path], { person, cwd: top })
        assert.equal(got.stdout.subarray(0, 4).toString('latin1'), 'top\u0000', path)
      }
    })

    test('a symlink is got as such, and followed with a slash at its end', async () => {
      const folder = await folderOf(person, bench.root)
      await mkdir(join(folder, 'real'))
      await symlink('real', join(folder, 'link'))
      const type = async (path: string): Promise<string> => {
        const { stdout } = await run([bench.guest, 'get', path], { person, cwd: folder })
        return stdout.subarray(156, 157).toString()
      }
      assert.deepEqual([await type('link'), await type('link/')], ['2', '5'])
    })

    test('a path longer than PATH_MAX goes in and out', async () => {
      const to = await folderOf(person, bench.root)
      const name = `top/${`${'d'.repeat(40)}/`.repeat(150)}file`
      const stdin = archive(extended(record('path', name)), entry({ name: 'short', data: 'found' }))
      const put = await run([bench.guest, 'put', to], { person, stdin })
      assert.deepEqual([put.code, put.stderr], [0, ''])
      const got = await run([bench.guest, 'get', 'top'], { person, cwd: to })
      assert.deepEqual([got.code, got.stderr], [0, ''])
      assert.ok(got.stdout.includes(record('path', name)))
      assert.ok(got.stdout.includes('found'))
    })

    test('sockets, fifos and devices are left out and said, the rest comes', async () => {
      const folder = await folderOf(person, bench.root)
      await mkdir(join(folder, 'top'))
      await writeFile(join(folder, 'top', 'file'), 'x')
      await run(['mkfifo', join(folder, 'top', 'fifo')])
      const server = createServer().listen(join(folder, 'top', 'socket'))
      await once(server, 'listening')
      const got = await run([bench.guest, 'get', join(folder, 'top'), '/dev/null'], { person })
      server.close()
      assert.equal(got.code, 0)
      assert.deepEqual(got.stderr.trim().split('\n').sort(), [
        'glovebox: null: left out: it is a device',
        'glovebox: top/fifo: left out: it is a fifo',
        'glovebox: top/socket: left out: it is a socket',
      ])
      assert.ok(got.stdout.includes('top/file'))
    })

    test('what is not there is said, makes exit code 1, and the rest comes', async () => {
      const folder = await folderOf(person, bench.root)
      await writeFile(join(folder, 'file'), 'x')
      const got = await run([bench.guest, 'get', 'nothing', 'file', ''], { person, cwd: folder })
      assert.equal(got.code, 1)
      assert.equal(
        got.stderr,
        'glovebox: nothing: left out: No such file or directory\nglovebox: : left out: an empty path\n',
      )
      assert.ok(got.stdout.includes('file'))
      assert.equal(got.stdout.length % 512, 0)
    })

    test('a file of more than 8 GiB has its size in a pax record', async () => {
      const folder = await folderOf(person, bench.root)
      const size = 9 * 1024 ** 3
      await writeFile(join(folder, 'large'), '')
      await chmod(join(folder, 'large'), 0o644)
      await truncate(join(folder, 'large'), size) // all of it a hole
      const child = spawn(bench.guest, ['get', 'large'], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [head] = (await once(child.stdout, 'data')) as [Buffer]
      child.kill('SIGKILL')
      assert.ok(head.subarray(512, 1024).includes(record('size', String(size))))
      assert.equal(head.subarray(1024, 1029).toString(), 'large')
    })

    test('set-id bits are dropped, the owner is whoever runs it, whatever the archive says', async () => {
      const to = await folderOf(person, bench.root)
      const stdin = archive(
        entry({ name: 'su', mode: '0006755' }),
        entry({ name: 'dir', type: '5', mode: '0006755' }),
      )
      assert.equal((await run([bench.guest, 'put', to], { person, stdin })).code, 0)
      for (const name of ['su', 'dir']) {
        const status = await lstat(join(to, name))
        assert.equal(status.mode & 0o7777, 0o755)
        assert.equal(status.uid, person.ids?.uid ?? process.getuid?.())
      }
    })

    test('a file is replaced without its other names being written to', async () => {
      const to = await folderOf(person, bench.root)
      const put = (data: string) => run([bench.guest, 'put', to], { person, stdin: archive(entry({ data })) })
      assert.equal((await put('old')).code, 0)
      assert.equal((await run(['ln', 'file', 'other'], { person, cwd: to })).code, 0)
      assert.equal((await put('new')).code, 0)
      assert.deepEqual(
        [await readFile(join(to, 'file'), 'utf8'), await readFile(join(to, 'other'), 'utf8')],
        ['new', 'old'],
      )
    })

    test('a file whose folder may not be changed is written in place', async () => {
      const to = await folderOf(person, bench.root)
      await writeFile(join(to, 'file'), 'old, and longer')
      await chmod(join(to, 'file'), 0o666)
      // A mount point cannot be unlinked, not even by root: it stands for /etc/hosts.
      const script = 'mount --bind "$1/file" "$1/file" && exec "$2" put "$1"'
      const inMount = [
        'unshare',
        '--user',
        '--map-root-user',
        '--mount',
        'sh',
        '-c',
        script,
        'sh',
        to,
        bench.guest,
      ]
      const stdin = archive(entry({ data: 'new' }))
      if (person.ids !== undefined) await chown(join(to, 'file'), person.ids.uid, person.ids.gid)
      const ended = await run(inMount, { person, stdin })
      assert.deepEqual([ended.code, ended.stderr], [0, ''])
      assert.equal(await readFile(join(to, 'file'), 'utf8'), 'new')
    })

    test('a folder that was there keeps its mode', async () => {
      const to = await folderOf(person, bench.root)
      await mkdir(join(to, 'dir'))
      await chmod(join(to, 'dir'), 0o777)
      const stdin = archive(entry({ name: 'dir', type: '5', mode: '0000700' }), entry({ name: 'dir/file' }))
      assert.equal((await run([bench.guest, 'put', to], { person, stdin })).code, 0)
      assert.equal((await lstat(join(to, 'dir'))).mode & 0o777, 0o777)
    })
  })
