import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { GloveboxError } from '../errors.ts'
import { bootId, isAlive, type ProcessIdentity } from '../host/process-identity.ts'
import type { Plan } from '../plan/types.ts'

/** Folders of the box room; src/host/paths.ts knows where the user has them. */
export interface BoxFolders {
  /** Boxes that go when they end: on the runtime folder, which is gone with the login. */
  readonly runtime: string
  /** Kept boxes. */
  readonly kept: string
  readonly homes: string
  /** Of networks that boxes join: a folder each, made by the first box and gone with the last one (native/join.c). */
  readonly networks: string
}

/** `box.json`: what was launched, written before anything is started. */
export interface BoxRecord {
  readonly version: 1
  readonly plan: Plan
  readonly kept: boolean
  readonly detached: boolean
  /** Milliseconds since 1970: making words of it here would load the time zones, two milliseconds of every start. */
  readonly createdAtMs: number
  /** Who made the folder: while it lives and no supervisor has spoken, the box is starting. */
  readonly creator: ProcessIdentity
  /** cgroup folders made for this launch. */
  readonly cgroups: readonly string[]
}

/** The two processes of a running box, as the supervisor wrote them down. */
export interface Supervisor {
  readonly outer: ProcessIdentity
  readonly holder: ProcessIdentity
}

/** Where one box's files lie. */
export const boxFiles = (dir: string) =>
  ({
    record: `${dir}/box.json`,
    config: `${dir}/config.json`,
    supervisor: `${dir}/supervisor`,
    exit: `${dir}/exit`,
    /** Of a box with a network: the processes of its gate. */
    gate: `${dir}/gate`,
    log: `${dir}/log`,
    olderLog: `${dir}/log.1`,
    write: `${dir}/write`,
  }) as const

export function readRecord(dir: string): BoxRecord | undefined {
  const text = readOptional(boxFiles(dir).record)
  if (text === undefined) return undefined
  try {
    const record = JSON.parse(text) as BoxRecord
    return record.version === 1 && Number.isFinite(record.createdAtMs) ? record : undefined
  } catch {
    /* Cut short by a kill in the middle of the first write: what is left of it is for gc. */
    return undefined
  }
}

export function writeRecord(dir: string, record: BoxRecord): void {
  const { record: path } = boxFiles(dir)
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

export function readSupervisor(dir: string): Supervisor | undefined {
  const line = readOptional(boxFiles(dir).supervisor)
  const match = line?.match(/^(\d+) (\d+) (\d+) (\d+) ([0-9a-f-]{36})\n$/)
  if (!match) return undefined
  const [, pid = '', start = '', holderPid = '', holderStart = '', boot = ''] = match
  return {
    outer: { pid: Number(pid), startTime: start, bootId: boot },
    holder: { pid: Number(holderPid), startTime: holderStart, bootId: boot },
  }
}

export function readExitCode(dir: string): number | undefined {
  const text = readOptional(boxFiles(dir).exit)
  return text === undefined ? undefined : Number.parseInt(text, 10)
}

export type Liveness = 'starting' | 'running' | 'ended'

/** Decided by the processes themselves, so a `kill -9` of anything leaves no lie behind. */
export function liveness(dir: string, record: BoxRecord | undefined): Liveness {
  const supervisor = readSupervisor(dir)
  /* A launch removes what the last one wrote before it starts anything, so this is its own. */
  if (supervisor !== undefined) return isAlive(supervisor.outer) ? 'running' : 'ended'
  const starting = record !== undefined && isAlive(record.creator) && readExitCode(dir) === undefined
  return starting ? 'starting' : 'ended'
}

/** Every box folder, readable or not. */
export function listFolders(folders: BoxFolders): string[] {
  return [folders.runtime, folders.kept].flatMap((parent) => {
    try {
      return readdirSync(parent).map((name) => `${parent}/${name}`)
    } catch {
      return []
    }
  })
}

/**
 * The folder of a box by its id, the beginning of its id, or the name it is kept under.
 *
 * @throws GloveboxError BOX_NOT_FOUND, BOX_AMBIGUOUS
 */
export function findBox(folders: BoxFolders, nameOrId: string): { dir: string; record: BoxRecord } {
  const all = listFolders(folders).flatMap((dir) => {
    const record = readRecord(dir)
    return record === undefined ? [] : [{ dir, record }]
  })
  const exact = all.filter(
    ({ record }) => record.plan.box.name === nameOrId || record.plan.box.id === nameOrId,
  )
  const found =
    exact.length > 0
      ? exact
      : nameOrId.length < 4
        ? []
        : all.filter(({ record }) => record.plan.box.id.startsWith(nameOrId))
  if (found.length === 1 && found[0] !== undefined) return found[0]
  throw found.length === 0
    ? new GloveboxError({
        code: 'BOX_NOT_FOUND',
        audience: 'usage',
        message: `There is no box "${nameOrId}".`,
        remedy: 'List them with: glovebox ps --all',
      })
    : new GloveboxError({
        code: 'BOX_AMBIGUOUS',
        audience: 'usage',
        message: `"${nameOrId}" is the beginning of ${found.length} boxes' ids.`,
        remedy: 'Write more of the id; list them with: glovebox ps --all',
      })
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/

/** @throws GloveboxError BAD_NAME, for names of kept boxes and homes, which become folders */
export function checkName(name: string): string {
  if (NAME.test(name)) return name
  throw new GloveboxError({
    code: 'BAD_NAME',
    audience: 'usage',
    message: `Cannot use ${JSON.stringify(name)} as a name: it must begin with a letter or digit and hold only a-z, 0-9, ".", "_" and "-" (63 at most).`,
    remedy: 'Choose another name.',
  })
}

/** What an earlier launch of a kept box has written of itself goes. */
export function makeBoxFolder(dir: string): void {
  if (mkdirSync(dir, { recursive: true, mode: 0o700 }) !== undefined) return
  const files = boxFiles(dir)
  for (const old of [files.supervisor, files.exit, files.gate]) rmSync(old, { force: true })
}

/** A record's creator, when it is this very process. */
export function thisProcess(): ProcessIdentity {
  const stat = readFileSync('/proc/self/stat', 'latin1')
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
  return { pid: process.pid, startTime, bootId: bootId() }
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' ||
      (error as NodeJS.ErrnoException).code === 'ENOTDIR'
    )
      return undefined
    throw error
  }
}
