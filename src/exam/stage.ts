import { randomBytes, randomInt } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { appendFileSync, chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { VERSION } from '../host/build-info.ts'
import { identityOf } from '../host/process-identity.ts'
import { examHost } from './host.ts'
import type { Programs } from './place.ts'
import type { Remain, Scene } from './scene.ts'
import { SharedParts } from './shared-parts.ts'

/** The scene of one exam, its programs, and the journal by which `glovebox gc` removes what a killed exam has left. */
export interface Stage extends AsyncDisposable {
  readonly id: string
  readonly scene: Scene
  readonly programs: Programs
}

export interface StageOptions {
  /** Folder of the journals of exams, in the user's state. */
  readonly journals: string
  /** The compiled glovebox-guest. */
  readonly guest: string
  readonly glovebox: readonly string[]
  readonly signal: AbortSignal
}

export function openStage({ journals, guest, glovebox, signal }: StageOptions): Stage {
  const id = randomBytes(6).toString('hex')
  const folder = join(tmpdir(), `glovebox-exam-${id}`)
  const journal = join(journals, `${id}.jsonl`)
  mkdirSync(journals, { recursive: true, mode: 0o700 })
  const write = (line: object): void => appendFileSync(journal, `${JSON.stringify(line)}\n`, { mode: 0o600 })
  write({ version: VERSION, owner: identityOf(process.pid) })
  const remember = (remain: Remain): void => write(remain)
  remember({ kind: 'path', path: folder })
  mkdirSync(folder, { mode: 0o700 }) // a new one, or none: whoever has guessed its name stops the exam
  chmodSync(folder, 0o755)
  const programs = { guest: join(folder, 'glovebox-guest'), probe: join(folder, 'glovebox-probe'), signal }
  for (const path of [programs.guest, programs.probe]) {
    copyFileSync(guest, path)
    chmodSync(path, 0o755)
  }
  // Each session listens, and there may be dozens.
  setMaxListeners(0, signal)
  const parts = new SharedParts()
  const scene: Scene = {
    ...{ folder, glovebox, signal, remember },
    host: examHost(),
    program: programs.guest,
    home: homedir(),
    nonce: () => randomBytes(16).toString('hex'),
    number: () => randomInt(1, 2 ** 31 - 1),
    shared: (key, make) => parts.of(key, make),
  }
  return {
    ...{ id, scene, programs },
    [Symbol.asyncDispose]: async () => {
      await parts[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
      rmSync(journal, { force: true })
    },
  }
}
