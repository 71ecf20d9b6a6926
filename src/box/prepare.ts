import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from '../engine/types.ts'
import { randomHex } from '../host/random.ts'
import type { Plan } from '../plan/types.ts'
import { type BoxRecord, boxFiles, makeBoxFolder, thisProcess, writeRecord } from './state.ts'

/** Twelve hex digits: short enough to type, and 2^48 of them for the few boxes of one machine. */
export function newBoxId(): string {
  return randomHex(6)
}

/** The box's own identity, never the host's. A kept box stays itself. */
function writeIdentity(dir: string, hostname: string): void {
  const write = (name: string, text: string): void => writeFileSync(join(dir, name), text, { mode: 0o644 })
  write('hostname', `${hostname}\n`)
  write('hosts', `127.0.0.1 localhost ${hostname}\n::1 localhost ip6-localhost\n`)
  write('resolv.conf', '# This box has no network.\n')
  if (!existsSync(join(dir, 'machine-id'))) write('machine-id', `${randomHex(16)}\n`)
}

export interface Preparation {
  readonly plan: Plan
  readonly engine: Engine
  readonly stateDir: string
  readonly kept: boolean
  readonly detached: boolean
  readonly cgroups: readonly string[]
}

/** Writes everything that a launch reads; nothing is started yet. Synchronous: a dozen small writes on the way to exec. */
export function prepareBox(preparation: Preparation): BoxRecord {
  const { plan, engine, stateDir } = preparation
  const files = boxFiles(stateDir)
  makeBoxFolder(stateDir)
  for (const old of [files.supervisor, files.exit]) rmSync(old, { force: true })
  const record: BoxRecord = {
    version: 1,
    plan,
    kept: preparation.kept,
    detached: preparation.detached,
    createdAt: new Date().toISOString(),
    creator: thisProcess(),
    cgroups: preparation.cgroups,
  }
  writeRecord(stateDir, record)
  writeIdentity(files.etc, plan.box.hostname)
  writeFileSync(join(files.bundle, 'config.json'), JSON.stringify(engine.bundle(plan)), { mode: 0o600 })
  if (plan.storage.upper.kind === 'disk') openFolder(plan.storage.upper.path)
  if (plan.storage.home !== undefined) openFolder(plan.storage.home.path)
  return record
}

/** The subordinate root writes here; nobody else gets that far, as the folder above is the user's alone (0700). */
function openFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o777)
}
