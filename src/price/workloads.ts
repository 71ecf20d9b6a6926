import type { Metric } from './result-types.ts'

/** A metric that a verb of the guest program gives (guest/price): batches of fixed work, timed inside. */
export interface Workload extends Metric {
  /** The verb, and its words behind the milliseconds; `{}` is a folder to write in, `{address}` and `{port}` a server outside. */
  readonly words: readonly [string, ...string[]]
  /** Units of work in one batch: operations, or bytes where the unit is MB/s. */
  readonly perBatch: number
}

const MIB = 2 ** 20

/** In the order in which they are told. */
export const WORKLOADS: readonly Workload[] = [
  {
    ...{ id: 'integer', group: 'processor', title: 'integer arithmetic', unit: 'ms', better: 'less' },
    ...{ words: ['price-integer'], perBatch: 1 },
    says: 'A million steps of a generator of random numbers (xorshift64*), by the sum of its numbers.',
  },
  {
    ...{ id: 'float', group: 'processor', title: 'floating point', unit: 'ms', better: 'less' },
    ...{ words: ['price-float'], perBatch: 1 },
    says: 'Ten thousand steps of five bodies under gravity, by the bits of their energy.',
  },
  {
    ...{ id: 'bandwidth', group: 'processor', title: 'memory bandwidth', unit: 'MB/s', better: 'more' },
    ...{ words: ['price-bandwidth'], perBatch: 32 * MIB },
    says: 'Copies of 32 MiB from one buffer to another, by a sum over the copy’s pages.',
  },
  {
    ...{ id: 'calls', group: 'kernel', title: 'system call', unit: 'ns', better: 'less' },
    ...{ words: ['price-calls'], perBatch: 1000 },
    says: 'getppid(2), which the C library does not remember, by the count of equal answers.',
  },
  {
    ...{ id: 'faults', group: 'kernel', title: 'page fault', unit: 'ns', better: 'less' },
    ...{ words: ['price-faults'], perBatch: 1024 },
    says: 'First touch of each page of a fresh mapping of 4 MiB, by the bytes read back.',
  },
  {
    ...{ id: 'switches', group: 'kernel', title: 'context switch', unit: 'us', better: 'less' },
    ...{ words: ['price-switches'], perBatch: 200 },
    says: 'A byte between two processes of one processor by two pipes, there and back a hundred times, by its count.',
  },
  {
    ...{ id: 'pipe', group: 'kernel', title: 'pipe', unit: 'MB/s', better: 'more' },
    ...{ words: ['price-pipe'], perBatch: 4 * MIB },
    says: 'Bytes from one process to another by a pipe, 64 KiB at a time, by their sum at the other end.',
  },
  {
    ...{ id: 'forks', group: 'kernel', title: 'process', unit: 'us', better: 'less' },
    ...{ words: ['price-forks'], perBatch: 10 },
    says: 'fork(2) of a child that ends at once, and its exit code.',
  },
  {
    ...{ id: 'programs', group: 'kernel', title: 'program start', unit: 'us', better: 'less' },
    ...{ words: ['price-programs'], perBatch: 5 },
    says: 'fork(2) and execve(2) of this static program, which ends at once, and its exit code.',
  },
  {
    ...{ id: 'create', group: 'files', title: 'create and remove a file', unit: 'us', better: 'less' },
    ...{ words: ['price-create', '{}'], perBatch: 50 },
    says: 'open(2) with O_CREAT and O_EXCL, close(2) and unlink(2), by the count.',
  },
  {
    ...{ id: 'stat', group: 'files', title: 'stat', unit: 'us', better: 'less' },
    ...{ words: ['price-stat', '{}'], perBatch: 500 },
    says: 'stat(2) of a file of 4 KiB, by the sum of its sizes.',
  },
  {
    ...{ id: 'read', group: 'files', title: 'open and read a small file', unit: 'us', better: 'less' },
    ...{ words: ['price-read', '{}'], perBatch: 100 },
    says: 'open(2), read(2) of 4 KiB and close(2), by the sum of the bytes.',
  },
  {
    ...{ id: 'fsync', group: 'files', title: 'write and fsync', unit: 'us', better: 'less' },
    ...{ words: ['price-fsync', '{}'], perBatch: 50 },
    says: '4 KiB by pwrite(2) and fsync(2), by the count of bytes.',
  },
  {
    ...{ id: 'random', group: 'files', title: 'random reads and writes', unit: 'us', better: 'less' },
    ...{ words: ['price-random', '{}'], perBatch: 200 },
    says: '4 KiB somewhere in a file of 16 MiB, three reads to a write, by the sum of what was read.',
  },
  {
    ...{
      id: 'sequential',
      group: 'files',
      title: 'write and read a large file',
      unit: 'MB/s',
      better: 'more',
    },
    ...{ words: ['price-sequential', '{}'], perBatch: 2 * 8 * MIB },
    says: '8 MiB written and read back, 128 KiB at a time, by the sum of the bytes.',
  },
  {
    ...{ id: 'latency', group: 'network', title: 'network round trip', unit: 'us', better: 'less' },
    ...{ words: ['price-latency', '{address}', '{port}'], perBatch: 100 },
    says: 'A byte over one TCP connection to a server on this machine and back, by the echo.',
  },
  {
    ...{ id: 'throughput', group: 'network', title: 'network throughput', unit: 'MB/s', better: 'more' },
    ...{ words: ['price-throughput', '{address}', '{port}'], perBatch: 4 * MIB },
    says: '4 MiB over one TCP connection to a server on this machine, by the sum that it answers.',
  },
  {
    ...{ id: 'connections', group: 'network', title: 'new connection', unit: 'us', better: 'less' },
    ...{ words: ['price-connections', '{address}', '{port}'], perBatch: 10 },
    says: 'connect(2) by TCP, a byte there and back, and the end, by the echo; one that is reset or hears nothing is made again, and its time counts.',
  },
]
