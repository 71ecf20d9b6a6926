import { statSync } from 'node:fs'
import { basename, dirname, posix, resolve } from 'node:path'
import { GUEST_IN_BOX } from '../engine/bundle.ts'
import { GloveboxError } from '../errors.ts'
import { streamPromises } from '../host/lazy.ts'
import { spawnTool } from '../host/spawn.ts'
import { ownerOfIds } from '../image/owner.ts'
import { resolveImage } from '../image/resolve.ts'
import { chooseWorkdir } from '../plan/names.ts'
import type { ProcessPlan } from '../plan/types.ts'
import { resolveUser } from '../plan/user.ts'
import type { BoxContext } from './context.ts'
import type { BoxEvent } from './event-types.ts'
import type { EventOptions } from './events.ts'
import { type ExecMode, execCommand } from './exec.ts'
import { writeEvent } from './journal.ts'
import { summarize } from './list.ts'
import { BoxProcess } from './process.ts'
import { removeBox } from './remove.ts'
import { type BoxRecord, findBox, liveness, readExitCode, readSupervisor } from './state.ts'
import { stopBox } from './stop.ts'
import { STATUS_FD, startSupervisor } from './supervisor-process.ts'
import type { BoxSummary } from './types.ts'

export interface ExecOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly workdir?: string
  /** `name`, `uid` or `uid:gid` as the image knows them; the box's own user where absent. */
  readonly user?: string
  readonly terminal?: boolean
  readonly signal?: AbortSignal
}

/** A box that runs, or that is kept. Disposing of it stops it, and removes what is not kept. */
export class Box implements AsyncDisposable {
  readonly id: string
  readonly #context: BoxContext
  readonly #dir: string
  readonly #record: BoxRecord

  constructor(context: BoxContext, dir: string, record: BoxRecord) {
    this.#context = context
    this.#dir = dir
    this.#record = record
    this.id = record.plan.box.id
  }

  /** @throws GloveboxError BOX_NOT_FOUND, BOX_AMBIGUOUS */
  static find(context: BoxContext, nameOrId: string): Box {
    const { dir, record } = findBox(context.paths.boxes, nameOrId)
    return new Box(context, dir, record)
  }

  summary(): BoxSummary {
    return summarize(this.#dir, this.#record)
  }

  /** Pids of the processes that Glovebox itself adds: the supervisor, and the holder. */
  processes(): number[] {
    const supervisor = readSupervisor(this.#dir)
    return supervisor === undefined ? [] : [supervisor.outer.pid, supervisor.holder.pid]
  }

  /** The process of a further command, as the box's own one has it unless said otherwise. */
  planProcess(command: readonly string[], options: ExecOptions): ProcessPlan {
    const own = this.#record.plan.process
    const { image } = this.#record.plan
    const user =
      options.user === undefined
        ? own.user
        : resolveUser(
            options.user,
            resolveImage(this.#context.store, image.digest, ownerOfIds(this.#context.ids)).accounts,
          )
    const terminal = options.terminal ?? false
    return {
      args: command,
      env: {
        ...own.env,
        HOME: user.home,
        USER: user.name,
        ...(terminal ? { TERM: 'xterm-256color' } : {}),
        ...options.env,
      },
      /* Another user's home may not be there (nobody's is not): the box's own folder is. */
      cwd: chooseWorkdir(options.workdir, own.cwd, own.cwd),
      user,
      terminal,
    }
  }

  /** The words of a command in this box, for a caller that becomes the holder. */
  execCommand(command: readonly string[], options: ExecOptions): [string, ...string[]] {
    return this.#execWords(this.planProcess(command, options), { dieWithParent: false })
  }

  #execWords(process: ProcessPlan, mode: ExecMode): [string, ...string[]] {
    const { holder, paths } = this.#context
    this.#context.checkPrograms()
    const words = execCommand(holder, this.#dir, this.#record, process, mode)
    writeEvent(paths.boxes, this.id, { type: 'exec', program: process.args[0] })
    return words
  }

  /** What happens to this box, until nothing of it is left; see {@link readEvents}. */
  async *events(options: Omit<EventOptions, 'box'> = {}): AsyncGenerator<BoxEvent, void> {
    const { readEvents } = await import('./events.ts')
    yield* readEvents(this.#context.paths.boxes, { ...options, box: this.id })
  }

  /**
   * Runs a command in the box.
   *
   * @throws GloveboxError BOX_NOT_RUNNING, BOX_NOT_STARTED
   * @example
   * const { exitCode, stdout } = await (await box.exec(['id', '-un'])).result()
   */
  async exec(command: readonly string[], options: ExecOptions = {}): Promise<BoxProcess> {
    const process = this.planProcess(command, { ...options, terminal: false })
    const words = this.#execWords(process, { statusFd: STATUS_FD, dieWithParent: true })
    const { signal } = options
    const started = await startSupervisor(words, ['pipe', 'pipe', 'pipe'], {
      detached: false,
      ...(signal === undefined ? {} : { signal }),
    })
    return new BoxProcess(started)
  }

  /**
   * Copies a file or folder out of the box to `destination`, a new name or an existing folder.
   *
   * @returns the path that was written
   * @throws GloveboxError COPY_FAILED with the box's own words, COPY_REFUSED for an archive that reaches out
   */
  async copyOut(source: string, destination: string): Promise<string> {
    const { unpackCopy } = await import('./unpack.ts')
    const name = posix.basename(posix.resolve(this.#record.plan.process.cwd, source)) || 'root'
    const process = await this.exec([GUEST_IN_BOX, 'get', source])
    process.stdin.end()
    const words = textOf(process.stderr)
    const written = await unpackCopy(process.stdout, resolve(destination), name).catch((error: unknown) => {
      /* A box that goes on writing after its archive was refused would keep us waiting for ever. */
      if (!process.stdout.readableEnded) process.kill('SIGKILL')
      process.stdout.resume()
      return error as Error
    })
    const exitCode = await process.exitCode
    if (
      written instanceof GloveboxError &&
      written.code === 'COPY_REFUSED' &&
      written.details['empty'] !== true
    )
      throw written
    if (exitCode !== 0) throw copyFailed(`${source} out of the box`, await words)
    if (typeof written === 'string') return written
    throw written
  }

  /** Copies a file or folder of the host to `destination` in the box: an existing folder, or a new name. */
  async copyIn(source: string, destination: string): Promise<void> {
    const path = resolve(source)
    statSync(path)
    const intoFolder = destination.endsWith('/') || (await this.#isFolder(destination))
    const target = intoFolder ? [destination] : ['--as', basename(destination), dirname(destination)]
    const process = await this.exec([GUEST_IN_BOX, 'put', ...target])
    process.stdout.resume()
    const words = textOf(process.stderr)
    const tar = await spawnTool(
      [
        'tar',
        '--create',
        '--format=posix',
        '--file=-',
        '--numeric-owner',
        `--directory=${dirname(path)}`,
        '--',
        basename(path),
      ],
      {
        use: async (child) => {
          if (child.stdout === null) return
          await streamPromises()
            .pipeline(child.stdout, process.stdin)
            .catch(() => undefined)
        },
      },
    )
    const exitCode = await process.exitCode
    if (exitCode !== 0) throw copyFailed(`${source} into the box`, await words)
    if (tar.exitCode !== 0) throw copyFailed(`${source} into the box`, tar.stderr)
  }

  async #isFolder(path: string): Promise<boolean> {
    const process = await this.exec(['/bin/sh', '-c', 'test -d "$1"', 'sh', path])
    process.stdin.end()
    process.stdout.resume()
    process.stderr.resume()
    return (await process.exitCode) === 0
  }

  /** Asks the box to end, and ends it after `graceMs`. */
  async stop(graceMs = 10_000): Promise<void> {
    await stopBox(this.#dir, graceMs)
  }

  /**
   * Deletes what there is of the box.
   *
   * @throws GloveboxError BOX_RUNNING
   */
  async remove(): Promise<void> {
    /* Its supervisor has told of its end, and is about to go. */
    if (readExitCode(this.#dir) !== undefined) await stopBox(this.#dir, ENDING_MS)
    if (liveness(this.#dir, this.#record) !== 'ended')
      throw new GloveboxError({
        code: 'BOX_RUNNING',
        audience: 'usage',
        message: `Cannot delete box ${this.id}: it is running.`,
        remedy: `Stop it first: glovebox stop ${this.#record.plan.box.name ?? this.id}`,
      })
    await this.#delete()
  }

  async #delete(): Promise<void> {
    const { paths, runJob } = this.#context
    await removeBox(paths.boxes, this.#dir, runJob, this.#record.plan.ids)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(0)
    if (!this.#record.kept) await this.#delete()
  }
}

/** What a supervisor needs at the most between the exit code and its own end. */
const ENDING_MS = 5000
const WORDS_BYTES = 4096

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  stream.setEncoding('utf8')
  for await (const chunk of stream) if (text.length < WORDS_BYTES) text += chunk
  return text.slice(0, WORDS_BYTES).trim()
}

function copyFailed(what: string, words: string): GloveboxError {
  return new GloveboxError({
    code: 'COPY_FAILED',
    audience: 'box',
    message: `Cannot copy ${what}: ${words.replace(/^glovebox: /, '').replace(/\.$/, '') || 'the box said nothing'}.`,
    remedy: 'Look at the path in the box with: glovebox exec BOX -- ls -la PATH',
  })
}
