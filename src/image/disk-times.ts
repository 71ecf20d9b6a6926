import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { BLOCK_BYTES } from './disk-format.ts'

/* Places in ext4's structures (kernel: Documentation/filesystems/ext4/, super, group_descr, inodes). */
const SUPERBLOCK = { at: 1024, inodesCount: 0, inodesPerGroup: 0x28, inodeSize: 0x58 } as const
const GROUP = { size: 32, inodeTable: 8, unused: 0x1c } as const
const INODE = { atime: 0x8, ctime: 0xc, mtime: 0x10, dtime: 0x14 } as const
const EXTRA = { ctime: 0x84, mtime: 0x88, atime: 0x8c } as const

/**
 * Sets the times of access and change of every file to that of its modification. mke2fs(8) takes them from the tree,
 * where they tell when the image was unpacked and read: without this, no two disks of an image would be the same.
 * For disks of disk-format.ts only, which have no checksums over their inodes.
 */
export function levelTimes(disk: string): void {
  const fd = openSync(disk, 'r+')
  try {
    const head = read(fd, SUPERBLOCK.at, 1024)
    const perGroup = head.readUInt32LE(SUPERBLOCK.inodesPerGroup)
    const inodeSize = head.readUInt16LE(SUPERBLOCK.inodeSize)
    const groups = Math.ceil(head.readUInt32LE(SUPERBLOCK.inodesCount) / perGroup)
    const table = read(fd, BLOCK_BYTES, groups * GROUP.size)
    for (let group = 0; group < groups; group++) {
      const at = group * GROUP.size
      const used = perGroup - table.readUInt16LE(at + GROUP.unused)
      if (used === 0) continue
      const place = table.readUInt32LE(at + GROUP.inodeTable) * BLOCK_BYTES
      const inodes = read(fd, place, used * inodeSize)
      for (let inode = 0; inode < inodes.length; inode += inodeSize) level(inodes, inode)
      writeSync(fd, inodes, 0, inodes.length, place)
    }
  } finally {
    closeSync(fd)
  }
}

function level(inodes: Buffer, at: number): void {
  const seconds = inodes.readUInt32LE(at + INODE.mtime)
  const extra = inodes.readUInt32LE(at + EXTRA.mtime)
  for (const field of [INODE.atime, INODE.ctime]) inodes.writeUInt32LE(seconds, at + field)
  for (const field of [EXTRA.atime, EXTRA.ctime]) inodes.writeUInt32LE(extra, at + field)
}

function read(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  if (readSync(fd, bytes, 0, length, at) !== length) throw new Error('the disk is cut short')
  return bytes
}
