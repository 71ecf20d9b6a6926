import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileProgram } from '../../src/host/compile.ts'

export const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Who runs the program: whoever runs the tests, and where that is root an ordinary user as well. */
export interface Person {
  readonly name: string
  readonly ids: { readonly uid: number; readonly gid: number } | undefined
}

const NOBODY: Person = { name: 'an ordinary user', ids: { uid: 65534, gid: 65534 } }

export const PEOPLE: readonly Person[] =
  process.getuid?.() === 0
    ? [{ name: 'root', ids: undefined }, NOBODY]
    : [{ name: 'the user', ids: undefined }]

export interface RunOptions {
  readonly person?: Person | undefined
  readonly stdin?: Buffer | undefined
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
}

export interface Ended {
  /** As a shell has it: 128 + n where signal n ended the process. */
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** A running program whose output can be waited for. */
export class Session {
  readonly process: ChildProcess
  #stdout = Buffer.alloc(0)
  #stderr = ''
  #wake: () => void = () => undefined

  constructor(argv: readonly string[], options: RunOptions = {}) {
    const [program = '', ...words] = argv
    this.process = spawn(program, words, {
      ...options.person?.ids,
      stdio: 'pipe',
      cwd: options.cwd ?? '/',
      env: { ...process.env, LC_ALL: 'C', ...options.env },
    })
    const kill = (): void => void this.process.kill('SIGKILL')
    process.once('exit', kill) // a test that was given up leaves nothing running
    this.process.once('close', () => process.off('exit', kill))
    this.process.stdout?.on('data', (bytes: Buffer) => {
      this.#stdout = Buffer.concat([this.#stdout, bytes])
      this.#wake()
    })
    this.process.stderr?.on('data', (bytes: Buffer) => {
      this.#stderr += bytes.toString()
    })
    this.process.on('close', () => this.#wake())
    this.process.stdin?.on('error', () => undefined) // the program may end before it has read everything
  }

  /** Waits until the output holds `text`, behind where an earlier wait has left off. */
  async until(text: string): Promise<void> {
    for (;;) {
      const at = this.#stdout.indexOf(text)
      if (at >= 0) {
        this.#stdout = this.#stdout.subarray(at + Buffer.byteLength(text))
        return
      }
      if (this.process.exitCode !== null || this.process.signalCode !== null)
        throw new Error(`ended without saying ${text}: ${this.#stdout.toString()}${this.#stderr}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The rest of the line behind what was waited for, without its end. */
  async line(): Promise<string> {
    while (!this.#stdout.includes('\n') && this.process.exitCode === null && this.process.signalCode === null)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    const line = this.#stdout.toString().split('\n')[0] ?? ''
    await this.until('\n')
    return line
  }

  write(text: string): void {
    this.process.stdin?.write(text)
  }

  async end(stdin?: Buffer): Promise<Ended> {
    this.process.stdin?.end(stdin)
    return await this.ended()
  }

  async ended(): Promise<Ended> {
    const [code, signal] = (await once(this.process, 'close')) as [number | null, NodeJS.Signals | null]
    const { constants } = await import('node:os')
    return {
      code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
      stdout: this.#stdout,
      stderr: this.#stderr,
    }
  }
}

export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return await new Session(argv, options).end(options.stdin)
}

/** Words that make what follows process 1 of a pid namespace, as an ordinary user may. */
export const AS_PROCESS_ONE = [
  ...['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc'],
] as const

/** A folder of the person's own, for one test. */
export async function folderOf(person: Person, root: string): Promise<string> {
  const folder = await mkdtemp(join(root, 'test-'))
  if (person.ids !== undefined) await chown(folder, person.ids.uid, person.ids.gid)
  return folder
}

export interface Bench extends AsyncDisposable {
  readonly guest: string
  /** Readable by everybody; gone with the bench. */
  readonly root: string
}

export async function openBench(): Promise<Bench> {
  const root = await mkdtemp(join(tmpdir(), 'glovebox-guest-'))
  await chmod(root, 0o755)
  const guest = await compileProgram('guest', root, PACKAGE_ROOT)
  // chmod(1), as a folder of mode 0555 keeps what is in it; rm(1), as Node cannot remove paths beyond PATH_MAX.
  const remove = async (): Promise<void> => {
    await run(['chmod', '-R', 'u+rwx', '--', root])
    await run(['rm', '-rf', '--', root])
  }
  return { guest, root, [Symbol.asyncDispose]: remove }
}
