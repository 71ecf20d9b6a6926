import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { basename, join, normalize } from 'node:path'
import { isAlive, type ProcessIdentity } from '../host/process-identity.ts'
import { spawnTool } from '../host/spawn.ts'
import type { Remain } from './scene.ts'
import { ownCommand } from './subject.ts'

/** Of a journal, which is the user's own file, what is read at the most: bytes. */
const MOST_JOURNAL = 1024 * 1024

/**
 * Removes what exams that were killed have left: their folders, canaries and kernel objects, as their journals name them.
 * Exams that run are left alone.
 *
 * @param journals folder of the journals
 * @returns how many exams were tidied up
 */
export async function collectExams(journals: string): Promise<number> {
  let removed = 0
  for (const name of namesIn(journals)) {
    const path = join(journals, name)
    const [head, ...remains] = readJournal(path)
    if (isIdentity(head?.['owner']) && isAlive(head['owner'])) continue
    for (const remain of remains.reverse()) if (isRemain(remain)) await removeRemain(remain)
    rmSync(path, { force: true })
    removed++
  }
  return removed
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  } catch {
    return [] // no exam has ever been held
  }
}

/** The commands of Glovebox that delete what is kept. */
export const FORGET = { box: ['rm'], home: ['rm', '--home'], image: ['image', 'remove'] } as const

type Line = Readonly<Record<string, unknown>>

/** A last line that is cut off is of a thing that was not made. */
function readJournal(path: string): Line[] {
  const text = readFileSync(path, 'utf8').slice(0, MOST_JOURNAL)
  return text.split('\n').flatMap((line): Line[] => {
    try {
      const value: unknown = JSON.parse(line)
      return typeof value === 'object' && value !== null ? [value as Line] : []
    } catch {
      return []
    }
  })
}

function isIdentity(value: unknown): value is ProcessIdentity {
  const { pid, startTime, bootId } = (value ?? {}) as Line
  return typeof pid === 'number' && typeof startTime === 'string' && typeof bootId === 'string'
}

function isRemain(line: Line): line is Remain & Line {
  const { kind, path, key, name, file } = line
  if (kind === 'path' || kind === 'mount') return isOwnPath(path)
  if (kind === 'cgroup') return isOwnPath(path) && path.startsWith('/sys/fs/cgroup/')
  if (kind === 'interface') return typeof name === 'string' && /^gbx[\da-f]+$/.test(name)
  if (kind === 'box' || kind === 'home' || kind === 'image')
    return typeof name === 'string' && /^exam-canary-[\da-f]+$/.test(name)
  if (kind === 'shm' || kind === 'msg' || kind === 'sem') return Number.isSafeInteger(key)
  if (kind === 'mqueue') return typeof name === 'string' && /^[\w-]*glovebox[\w-]*$/.test(name)
  return kind === 'loop' && isOwnPath(file)
}

/** Nothing is removed that an exam cannot have made: its names all tell. */
function isOwnPath(path: unknown): path is string {
  if (typeof path !== 'string' || !path.startsWith('/') || normalize(path) !== path) return false
  return (
    path.split('/').some((part) => /^(?:\.|wayland-)?glovebox-(?:exam|canary)-\w+/.test(part)) ||
    isDisplay(path)
  )
}

/** The socket and the lock of an X server that the exam started have names that it does not choose. */
const isDisplay = (path: string): boolean => /^\/tmp\/\.X(?:11-unix\/X|)\d+(?:-lock)?$/.test(path)

async function removeRemain(remain: Remain): Promise<void> {
  switch (remain.kind) {
    case 'path':
      rmSync(remain.path, { recursive: true, force: true })
      return
    case 'shm':
    case 'msg':
    case 'sem': {
      const option = { shm: '-M', msg: '-Q', sem: '-S' }[remain.kind]
      await spawnTool(['ipcrm', option, String(remain.key)])
      return
    }
    case 'mqueue':
      rmSync(join('/dev/mqueue', basename(remain.name)), { force: true })
      return
    case 'mount':
      await spawnTool(['umount', '--lazy', remain.path])
      return
    case 'cgroup':
      if (existsSync(remain.path)) rmdirSync(remain.path)
      return
    case 'interface':
      await spawnTool(['ip', 'link', 'delete', 'dev', remain.name])
      return
    case 'box':
    case 'home':
    case 'image': {
      const [program = '', ...words] = ownCommand()
      await spawnTool([program, ...words, ...FORGET[remain.kind], remain.name])
      return
    }
    case 'loop':
      await detachLoop(remain.file)
  }
}

async function detachLoop(file: string): Promise<void> {
  const { stdout } = await spawnTool(['losetup', '--noheadings', '--output', 'NAME', '--associated', file])
  for (const device of stdout.split('\n').filter((line) => /^\/dev\/loop\d+$/.test(line)))
    await spawnTool(['losetup', '--detach', device])
}
