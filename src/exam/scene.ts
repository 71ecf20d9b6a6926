import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExamHost } from './host.ts'

/** Something outside of the exam's own folder that an exam which was killed leaves, and that `glovebox gc` removes. */
export type Remain =
  /** A file, socket or folder of the exam's own making; a folder goes with all that is in it. Its name must hold a nonce. */
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'shm' | 'msg' | 'sem'; readonly key: number }
  | { readonly kind: 'mqueue'; readonly name: string }
  /** The loop device of a file in the exam's folder. */
  | { readonly kind: 'loop'; readonly file: string }
  /** A mount on a folder of the exam's, an interface (`gbx` and hex digits), an empty cgroup with a canary's name. */
  | { readonly kind: 'mount' | 'cgroup'; readonly path: string }
  | { readonly kind: 'interface'; readonly name: string }
  /** A kept box, a kept home or an image of Glovebox's own, called `exam-canary-` and hex digits. */
  | { readonly kind: 'box' | 'home' | 'image'; readonly name: string }

/** What probes plant with. One exam has one; nonces are never the same twice, so two exams do not see each other's canaries. */
export interface Scene {
  readonly host: ExamHost
  /** A fresh 32 hex digits, which appear nowhere else on the machine. */
  nonce(): string
  /** A fresh number of up to 31 bits, for keys and ports' like. */
  number(): number
  /** The exam's own folder, /tmp/glovebox-exam-…, which every user can walk through. Gone with the exam. */
  readonly folder: string
  /** The user's home folder. Nothing that is there already is opened or changed. */
  readonly home: string
  /** The guest program on the host: `probe VERB` in it is what runs inside, too. */
  readonly program: string
  /** The glovebox command of this package, for what only it can do. */
  readonly glovebox: readonly string[]
  /** To be called before the thing is made, so that a kill in between leaves nothing. */
  remember(remain: Remain): void
  /** What several probes share, such as a test LAN: made when it is first asked for, and disposed of with the exam. */
  shared<T extends AsyncDisposable>(key: string, make: () => Promise<T>): Promise<T>
  readonly signal: AbortSignal
}

/** Makes `scene.folder/NAME` and returns its path. */
export function ownFolder(scene: Scene, name: string, mode = 0o755): string {
  const path = join(scene.folder, name)
  mkdirSync(path, { recursive: true, mode })
  return path
}

/** Writes a new file, which must not be there, and returns its path. */
export function plantFile(path: string, text: string, mode = 0o644): string {
  writeFileSync(path, text, { flag: 'wx', mode })
  return path
}
