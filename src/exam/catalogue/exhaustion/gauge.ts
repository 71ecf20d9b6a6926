import { readFileSync, statfsSync } from 'node:fs'

/** Reads one number of the host. What it grows by while a bomb is set is what the bomb has taken of the host. */
export type Gauge = () => number

const read = (path: string): string => readFileSync(path, 'utf8')
const line = (path: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(read(path))?.[1] ?? 0)

/** Processes and threads of the whole machine (proc_loadavg(5), behind the slash). */
export const tasks: Gauge = () => Number(/\/(\d+)/.exec(read('/proc/loadavg'))?.[1] ?? 0)

const MIB = 1024

/** MiB that are free for whoever asks (proc_meminfo(5)). */
export const freeMib: Gauge = () => line('/proc/meminfo', 'MemAvailable') / MIB

/** MiB that processes hold: what they have written to, and files in memory, in which virtual machines have theirs. */
export const memoryMib: Gauge = () =>
  (line('/proc/meminfo', 'AnonPages') + line('/proc/meminfo', 'Shmem')) / MIB

/** MiB in files of memory, in whatever mount namespace they lie. */
export const sharedMemoryMib: Gauge = () => line('/proc/meminfo', 'Shmem') / MIB

/** MiB of files that the kernel keeps in memory for their disks. */
export const cacheMib: Gauge = () =>
  (line('/proc/meminfo', 'Cached') + line('/proc/meminfo', 'Buffers') - line('/proc/meminfo', 'Shmem')) / MIB

/** MiB that are used of the file systems that a user's files lie in, and of files in memory. */
export const filesMib: Gauge = () =>
  sharedMemoryMib() +
  [
    ...new Map(['/', '/home', '/var', '/tmp'].map((path) => [facts(path).key, facts(path).usedMib])).values(),
  ].reduce((sum, one) => sum + one, 0)

/** tmpfs is counted by Shmem already. */
function facts(path: string): { readonly key: string; readonly usedMib: number } {
  const TMPFS_MAGIC = 0x01021994
  const { bsize, blocks, bfree, type } = statfsSync(path)
  return {
    key: `${type} ${blocks} ${bfree}`,
    usedMib: type === TMPFS_MAGIC ? 0 : ((blocks - bfree) * bsize) / 2 ** 20,
  }
}

/** Inodes that the kernel holds (Documentation/admin-guide/sysctl/fs.rst, inode-nr): an empty file is one. */
export const inodes: Gauge = () => {
  const [all = 0, free = 0] = read('/proc/sys/fs/inode-nr').trim().split(/\s+/).map(Number)
  return all - free
}

/** MiB written to the machine's disks (Documentation/admin-guide/iostats.rst: sectors of 512 bytes). */
export const writtenMib: Gauge = () =>
  read('/proc/diskstats')
    .split('\n')
    .map((one) => one.trim().split(/\s+/))
    .filter(([, , name = '']) => /^(?:[shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/.test(name))
    .reduce((sum, fields) => sum + Number(fields[9] ?? 0) / 2048, 0)

/** Open files of the whole machine (fs.file-nr). */
export const openFiles: Gauge = () => Number(read('/proc/sys/fs/file-nr').trim().split(/\s+/)[0])

/** Pseudo-terminals of the whole machine. */
export const ptys: Gauge = () => Number(read('/proc/sys/kernel/pty/nr'))

/** Keys that count for one user (proc_key-users(5)). */
export const keysOf =
  (uid: number): Gauge =>
  () =>
    Number(
      new RegExp(`^\\s*${uid}:\\s+\\d+\\s+\\d+/\\d+\\s+(\\d+)/`, 'm').exec(read('/proc/key-users'))?.[1] ?? 0,
    )
