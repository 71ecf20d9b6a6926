import { GloveboxError } from '../errors.ts'

/** ELF's numbers of machines (elf.h, e_machine), by Node's names. */
const MACHINES: Readonly<Record<string, number>> = {
  x64: 0x3e,
  arm64: 0xb7,
  arm: 0x28,
  ia32: 0x03,
  riscv64: 0xf3,
  ppc64: 0x15,
  s390x: 0x16,
}
/** What is read of the file to find its parts. */
export const HEAD_BYTES = 64
const SQUASHFS_MAGIC = 'hsqs'
export const MAGIC_BYTES = SQUASHFS_MAGIC.length

/**
 * Where the squashfs of an AppImage of type 2 begins: right behind the ELF program that it starts with, which ends
 * with its table of sections (AppImage specification; libappimage reads it so). The program itself is never run.
 *
 * @param head the first {@link HEAD_BYTES} of the file
 * @throws GloveboxError VENDOR_APPIMAGE
 */
export function squashfsOffset(head: Buffer, fileBytes: number, arch: string, path: string): number {
  if (head.length < HEAD_BYTES || head.toString('latin1', 0, 4) !== '\x7fELF')
    throw unusable(path, 'it does not begin with a program (ELF)')
  if (head.toString('latin1', 8, 10) !== 'AI')
    throw unusable(path, 'it is a plain program without the mark of an AppImage')
  if (head[10] !== 2) throw unusable(path, `it is of type ${head[10]}, and only type 2 can be unpacked`)
  const [is64, isLittle] = [head[4] === 2, head[5] === 1]
  if (!isLittle) throw unusable(path, 'its program is for a machine of the other byte order')
  const machine = head.readUInt16LE(18)
  if (MACHINES[arch] !== machine)
    throw unusable(
      path,
      `its program is for another machine (ELF machine ${machine}) than this one (${arch})`,
    )
  const table = is64 ? Number(head.readBigUInt64LE(40)) : head.readUInt32LE(32)
  const [entryBytes, entries] = is64
    ? [head.readUInt16LE(58), head.readUInt16LE(60)]
    : [head.readUInt16LE(46), head.readUInt16LE(48)]
  const offset = table + entryBytes * entries
  if (!Number.isSafeInteger(offset) || offset < HEAD_BYTES || offset + MAGIC_BYTES > fileBytes)
    throw unusable(path, 'it ends before its file system begins')
  return offset
}

/** @throws GloveboxError VENDOR_APPIMAGE */
export function checkSquashfs(magic: Buffer, path: string): void {
  if (magic.toString('latin1') !== SQUASHFS_MAGIC)
    throw unusable(path, 'no squashfs file system lies behind its program')
}

/** What its own program would set up before it starts AppRun (AppImage documentation, environment variables). */
export function launcherOf(name: string): string {
  return `#!/bin/sh
export APPDIR=/opt/${name} ARGV0=${name} OWD="$PWD"
exec "$APPDIR/AppRun" "$@"
`
}

function unusable(path: string, why: string): GloveboxError {
  return new GloveboxError({
    code: 'VENDOR_APPIMAGE',
    audience: 'usage',
    message: `Cannot unpack the AppImage ${path}: ${why}.`,
    remedy: 'See that the download is whole, and that it is an AppImage of type 2 for this machine.',
  })
}
