import assert from 'node:assert/strict'
import { chown, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { archive, END, type EntryWords, entry, extended, record } from './archive.ts'
import { type Bench, folderOf, openBench, PEOPLE, type Person, run } from './program.ts'

let bench: Bench
before(async () => {
  bench = await openBench()
})
after(() => bench[Symbol.asyncDispose]())

const one = (words: EntryWords): Buffer => archive(entry(words))
const pax = (...records: readonly (Buffer | string)[]): Buffer => archive(extended(...records), entry({}))
const whole = one({ data: 'x'.repeat(700) })

const HOSTILE: readonly (readonly [claim: string, bytes: Buffer, message: RegExp])[] = [
  ['an absolute name', one({ name: '/tmp/x' }), /absolute name/],
  ['an absolute name in a pax record', pax(record('path', '/tmp/x')), /absolute name/],
  ['".."', one({ name: '..', type: '5' }), /holds "\.\."/],
  ['".." in front', one({ name: '../outside' }), /holds "\.\."/],
  ['".." in the middle', one({ name: 'a/../../outside' }), /holds "\.\."/],
  ['".." at the end', one({ name: 'a/..', type: '5' }), /holds "\.\."/],
  ['".." behind the prefix', one({ prefix: 'a', name: '../../outside' }), /holds "\.\."/],
  ['".." in a pax record', pax(record('path', 'a/../../outside')), /holds "\.\."/],
  ['a name that the prefix makes absolute', one({ prefix: '/tmp', name: 'x' }), /absolute name/],
  ['no name', one({ name: '' }), /no name/],
  ['a file named "."', one({ name: '.' }), /no name/],
  ['a file whose name ends with a slash', one({ name: 'dir/' }), /ends with a slash/],
  ['a NUL in a pax path', pax(record('path', 'a\u0000b')), /holds a NUL/],
  ['an empty pax path', pax(record('path', '')), /pax path is empty/],
  ['a pax path that is too long', pax(record('path', 'a/'.repeat(9000))), /too long/],
  ['a name of more than 255 bytes', pax(record('path', 'n'.repeat(256))), /name too long/],
  ['a folder of more than 255 bytes', pax(record('path', `${'n'.repeat(256)}/x`)), /too long/],
  ['too many folders in each other', pax(record('path', `${'d/'.repeat(300)}x`)), /too many folders/],
  [
    'a symlink that is walked through',
    archive(entry({ name: 'l', type: '2', link: '..' }), entry({ name: 'l/x' })),
    /symlinks are not followed/,
  ],
  [
    'an absolute symlink that is walked through',
    archive(entry({ name: 'l', type: '2', link: '/tmp' }), entry({ name: 'l/x' })),
    /symlinks are not followed/,
  ],
  [
    'a symlink that becomes a folder',
    archive(entry({ name: 'l', type: '2', link: '..' }), entry({ name: 'l', type: '5' })),
    /symlinks are not followed/,
  ],
  ['a symlink of the box that is walked through', one({ name: 'exit/x' }), /symlinks are not followed/],
  ['a hard link', one({ type: '1', link: '../outside' }), /hard links are not accepted/],
  ['a character device', one({ type: '3' }), /devices and fifos are not accepted/],
  ['a block device', one({ type: '4' }), /devices and fifos are not accepted/],
  ['a fifo', one({ type: '6' }), /devices and fifos are not accepted/],
  ['a contiguous file', one({ type: '7' }), /of a kind that is not accepted/],
  ['a GNU long name', one({ type: 'L', data: 'x' }), /GNU long names/],
  ['a GNU sparse file', one({ type: 'S' }), /of a kind that is not accepted/],
  ['a global pax header', one({ type: 'g', data: record('path', 'x') }), /global pax headers/],
  ['a symlink to nothing', one({ type: '2', link: '' }), /leads nowhere/],
  ['a symlink with data', one({ type: '2', link: 'x', data: 'x' }), /has data/],
  ['a folder with data', one({ type: '5', data: 'x' }), /has data/],
  ['a wrong checksum', one({ checksumError: 1 }), /checksum is wrong/],
  ['another magic', one({ magic: 'ustar  \u0000' }), /not in ustar or pax format/],
  ['no tar at all', Buffer.alloc(4096, 'x'), /checksum is wrong/],
  ['no input', Buffer.alloc(0), /truncated/],
  ['half a header', whole.subarray(0, 300), /truncated/],
  ['half of the data', whole.subarray(0, 800), /truncated/],
  ['half of the padding', whole.subarray(0, 1500), /truncated/],
  ['no end', whole.subarray(0, whole.length - 1024), /truncated/],
  ['half an end', whole.subarray(0, whole.length - 512), /truncated/],
  ['a zero block inside', archive(entry({}), Buffer.alloc(512), entry({})), /single zero block/],
  ['an endless rest', Buffer.concat([whole, Buffer.alloc(2 * 1024 * 1024)]), /goes on behind its end/],
  ['a size that is no octal number', one({ size: '0000000000z' }), /malformed/],
  ['a negative size', one({ size: '-0000000001' }), /malformed/],
  ['a negative binary size', one({ size: `\u00ff${'\u00ff'.repeat(11)}` }), /malformed/],
  ['a binary size of more than 63 bits', one({ size: `\u0080${'\u00ff'.repeat(11)}` }), /malformed/],
  ['a size beyond the input', one({ size: '77777777777' }), /truncated/],
  [
    'a binary size beyond the input',
    one({ size: `\u0080\u0000\u0000\u0000\u007f${'\u00ff'.repeat(7)}` }),
    /truncated/,
  ],
  ['a pax size beyond the input', pax(record('size', '9223372036854775000')), /truncated/],
  ['a pax size of more than 63 bits', pax(record('size', '9223372036854775808')), /pax size is not a number/],
  ['a negative pax size', pax(record('size', '-1')), /pax size is not a number/],
  ['an empty pax size', pax(record('size', '')), /pax size is not a number/],
  ['a mode that is no number', one({ mode: 'rwxr-xr' }), /malformed/],
  ['a time that is no number', one({ mtime: 'yesterday' }), /malformed/],
  ['a pax record without a length', pax('path=x\n'), /malformed/],
  ['a pax record that is longer than its header', pax('99 path=x\n'), /malformed/],
  ['a pax record of a huge length', pax('99999999999999999999 path=x\n'), /malformed/],
  ['a pax record that is too short', pax('3 path=x\n'), /malformed/],
  ['a pax record of length 0', pax('0 path=x\n'), /malformed/],
  ['a pax record without an equals sign', pax('9 pathx\n '), /malformed/],
  ['a pax record without a key', pax('5 =x\n'), /malformed/],
  ['a pax record without a line end', pax('9 path=xx'), /malformed/],
  ['a pax record of a sparse file', pax(record('GNU.sparse.major', '1')), /kind that is not accepted/],
  ['a pax header that is too long', archive(extended('x'.repeat(40_000))), /pax header is too long/],
  [
    'two pax headers',
    archive(extended(record('path', 'x')), extended(record('path', 'y')), entry({})),
    /two pax headers/,
  ],
  ['a pax header without an entry', archive(extended(record('path', 'x'))), /pax header has no entry/],
  [
    'a file where a folder is',
    archive(entry({ name: 'd', type: '5' }), entry({ name: 'd' })),
    /Is a directory/,
  ],
  [
    'a folder where a file is',
    archive(entry({ name: 'd' }), entry({ name: 'd', type: '5' })),
    /a folder is needed/,
  ],
]

/** outer/inside is what the archive is put into; outer/witness and outer/inside/exit -> .. are what must not change. */
async function outerFolder(person: Person): Promise<string> {
  const outer = await folderOf(person, bench.root)
  await mkdir(join(outer, 'inside'))
  await writeFile(join(outer, 'witness'), 'untouched')
  await symlink('..', join(outer, 'inside', 'exit'))
  if (person.ids !== undefined) await chown(join(outer, 'inside'), person.ids.uid, person.ids.gid)
  return outer
}

for (const person of PEOPLE)
  describe(`put refuses, with nothing written outside, run by ${person.name}`, () => {
    for (const [claim, stdin, message] of HOSTILE)
      test(claim, async () => {
        const outer = await outerFolder(person)
        const ended = await run([bench.guest, 'put', join(outer, 'inside')], { person, stdin })
        assert.equal(ended.code, 1)
        assert.match(ended.stderr, /^glovebox: [^\n]+\.\n$/)
        assert.match(ended.stderr, message)
        assert.deepEqual((await readdir(outer)).sort(), ['inside', 'witness'])
        assert.equal(await readFile(join(outer, 'witness'), 'utf8'), 'untouched')
      })

    test('a symlink that stands where a file goes is replaced, not written through', async () => {
      const outer = await outerFolder(person)
      const inside = join(outer, 'inside')
      await symlink('../witness', join(inside, 'file'))
      const ended = await run([bench.guest, 'put', inside], { person, stdin: one({ data: 'new' }) })
      assert.deepEqual([ended.code, ended.stderr], [0, ''])
      assert.equal(await readFile(join(outer, 'witness'), 'utf8'), 'untouched')
      assert.equal(await readFile(join(inside, 'file'), 'utf8'), 'new')
    })

    test('the control: without the flaws the same archive is unpacked', async () => {
      const outer = await outerFolder(person)
      const stdin = Buffer.concat([entry({ name: './a//b/./c', data: 'x' }), END, Buffer.alloc(8 * 1024)])
      const ended = await run([bench.guest, 'put', join(outer, 'inside')], { person, stdin })
      assert.deepEqual([ended.code, ended.stderr], [0, ''])
      assert.equal(await readFile(join(outer, 'inside', 'a', 'b', 'c'), 'utf8'), 'x')
    })
  })
