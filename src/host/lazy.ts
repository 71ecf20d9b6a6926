/*
 * Built-in modules that cost milliseconds to load (measured with Node 24: node:crypto 3, node:child_process 1 to 2, node:stream/promises 2),
 * loaded when they are first used: a start of a box needs none of them.
 */

export const childProcess = (): typeof import('node:child_process') =>
  process.getBuiltinModule('node:child_process')
export const stream = (): typeof import('node:stream') => process.getBuiltinModule('node:stream')
export const streamPromises = (): typeof import('node:stream/promises') =>
  process.getBuiltinModule('node:stream/promises')
export const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto')
