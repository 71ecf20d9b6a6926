import { readFileSync } from 'node:fs'

/** The hard limit of open files that this process has and cannot raise: no box can be given more (getrlimit(2)). */
export function openFilesMost(): number {
  const row = /^Max open files +\S+ +(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
  return row?.[1] === undefined || row[1] === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(row[1])
}
