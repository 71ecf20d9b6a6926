import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import type { Engine } from '../engine/types.ts'
import { randomHex } from '../host/random.ts'
import type { Plan } from '../plan/types.ts'
import { prepareNetwork } from './network.ts'
import { type BoxRecord, boxFiles, makeBoxFolder, thisProcess, writeRecord } from './state.ts'

/** Twelve hex digits: short enough to type, and 2^48 of them for the few boxes of one machine. */
export function newBoxId(): string {
  return randomHex(6)
}

/** The box's own machine-id(5), never the host's. */
export function newMachineId(): string {
  return randomHex(16)
}

export interface Preparation {
  readonly plan: Plan
  readonly engine: Engine
  readonly stateDir: string
  readonly kept: boolean
  readonly detached: boolean
  readonly cgroups: readonly string[]
}

/** Writes everything that a launch reads; nothing is started yet. Synchronous: two small writes on the way to exec. */
export function prepareBox(preparation: Preparation): BoxRecord {
  const { plan, engine, stateDir } = preparation
  const files = boxFiles(stateDir)
  makeBoxFolder(stateDir)
  const record: BoxRecord = {
    version: 1,
    plan,
    kept: preparation.kept,
    detached: preparation.detached,
    createdAtMs: Date.now(),
    creator: thisProcess(),
    cgroups: preparation.cgroups,
  }
  writeRecord(stateDir, record)
  writeFileSync(files.config, JSON.stringify(engine.bundle(plan)), { mode: 0o600 })
  prepareNetwork(plan, stateDir)
  if (plan.storage.upper.kind === 'disk') openFolder(plan.storage.upper.path)
  if (plan.storage.home !== undefined) openFolder(plan.storage.home.path)
  return record
}

/** The subordinate root writes here; nobody else gets that far, as the folder above is the user's alone (0700). */
function openFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o777)
}
