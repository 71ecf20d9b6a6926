import { fstatSync, type Stats } from 'node:fs'

/** Numbers of character devices (Documentation/admin-guide/devices.txt): `null` and the like, and what is a terminal. */
const MEMORY = 1
const CONSOLES: readonly [first: number, last: number] = [4, 5]
const PSEUDO_TERMINALS: readonly [first: number, last: number] = [136, 143]

/**
 * isatty(3). The getters of `process.stdin` and node:tty load streams and sockets for it, eight milliseconds of a start,
 * so they are asked only about a device whose number does not tell.
 */
export function isTerminal(fd: number): boolean {
  const stats = look(fd)
  if (stats?.isCharacterDevice() !== true) return false
  const major = (stats.rdev >>> 8) & 0xfff
  if (major === MEMORY) return false
  const known = [CONSOLES, PSEUDO_TERMINALS].some(([first, last]) => major >= first && major <= last)
  return known || process.getBuiltinModule('node:tty').isatty(fd)
}

function look(fd: number): Stats | undefined {
  try {
    return fstatSync(fd)
  } catch {
    // Closed: no terminal.
    return undefined
  }
}
