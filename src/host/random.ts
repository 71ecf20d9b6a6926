import { closeSync, openSync, readSync } from 'node:fs'

/** `bytes` of the kernel's random numbers (random(4)) in hex, without loading node:crypto on the way of a start. */
export function randomHex(bytes: number): string {
  const fd = openSync('/dev/urandom', 'r')
  try {
    const buffer = Buffer.alloc(bytes)
    for (let at = 0; at < bytes; ) at += readSync(fd, buffer, at, bytes - at, null)
    return buffer.toString('hex')
  } finally {
    closeSync(fd)
  }
}
