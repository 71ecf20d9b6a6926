import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import { isAlive } from '../host/process-identity.ts'
import { type BoxEvent, parseEvent } from './event-types.ts'
import { JournalReader, journalOf } from './journal.ts'
import { type BoxFolders, readExitCode, readSupervisor } from './state.ts'

export interface EventOptions {
  /** Ends the events, quietly. */
  readonly signal?: AbortSignal
  /** Begin with what the journal remembers; without it, with what happens from now on. */
  readonly past?: boolean
  /** Go on as boxes come and go (default true); without it, end after the past. */
  readonly follow?: boolean
  /** Only of the box of this id; ends when nothing of it is left. */
  readonly box?: string
}

/**
 * What happens to the boxes of this user, by whatever process. A supervisor that was killed could not write of it:
 * that is told from its process being gone, within a second.
 */
export async function* readEvents(
  folders: BoxFolders,
  { signal, past = false, follow = true, box }: EventOptions,
): AsyncGenerator<BoxEvent, void> {
  /* Before the first look, so that nothing is missed between the two. */
  using changes = follow ? new Changes(dirname(journalOf(folders)), signal) : undefined
  const reader = new JournalReader(folders)
  const running = new Running(folders)
  let wanted = past
  for (;;) {
    const written = running.complete(reader.read().flatMap((line) => parseEvent(line) ?? []))
    const events = [...written, ...running.findKilled()]
    for (const event of wanted ? events : []) {
      if (box !== undefined && event.box !== box) continue
      yield event
      if (box !== undefined && event.type === 'removed') return
      if (signal?.aborted) return
    }
    wanted = true
    if (changes === undefined || !(await changes.next())) return
  }
}

/** The boxes that have started and not ended, as the journal tells. */
class Running {
  readonly #folders: BoxFolders
  /** Ids, with the name that each is kept under. */
  readonly #started = new Set<string>()
  readonly #names = new Map<string, string>()

  constructor(folders: BoxFolders) {
    this.#folders = folders
  }

  /** Adds the end of boxes whose supervisor could not write it down before the next thing happened to them. */
  complete(events: readonly BoxEvent[]): BoxEvent[] {
    return events.flatMap((event): BoxEvent[] => {
      const { box, time, type } = event
      if (type === 'exec' || type === 'network-closed' || type === 'network-moved') return [event]
      const cutShort = this.#started.delete(box) && (type === 'created' || type === 'removed')
      if (type === 'started') this.#started.add(box)
      if (type === 'created' && event.name !== undefined) this.#names.set(box, event.name)
      if (type === 'removed') this.#names.delete(box)
      return cutShort ? [{ time, box, type: 'killed' as const }, event] : [event]
    })
  }

  /** Those whose supervisor is gone without having told an exit code. */
  findKilled(): BoxEvent[] {
    return [...this.#started].flatMap((box) => {
      const name = this.#names.get(box)
      const dir = name === undefined ? `${this.#folders.runtime}/${box}` : `${this.#folders.kept}/${name}`
      const supervisor = readSupervisor(dir)
      if (supervisor === undefined || isAlive(supervisor.outer) || readExitCode(dir) !== undefined) return []
      this.#started.delete(box)
      return [{ time: new Date().toISOString(), box, type: 'killed' as const }]
    })
  }
}

/** Nothing tells of the end of a process that is no child of ours, so it is asked for. */
const ASK_EVERY_MS = 1000

/** Waits for a change in a folder, or a second. A change between two calls is not lost. */
class Changes implements Disposable {
  readonly #watcher: FSWatcher
  readonly #timer: NodeJS.Timeout
  readonly #signal: AbortSignal | undefined
  #changed = false
  #over = false
  #wake: () => void = () => undefined

  constructor(folder: string, signal: AbortSignal | undefined) {
    this.#signal = signal
    this.#watcher = watch(folder, () => this.#note())
    /* The folder goes with the login: so do the boxes, and their events. */
    this.#watcher.on('error', this.#end)
    this.#timer = setInterval(() => this.#note(), ASK_EVERY_MS)
    signal?.addEventListener('abort', this.#end, { once: true })
    this.#over = signal?.aborted ?? false
  }

  /** False when there is nothing more to wait for. */
  async next(): Promise<boolean> {
    if (!this.#changed && !this.#over)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    this.#changed = false
    return !this.#over
  }

  #note(): void {
    this.#changed = true
    this.#wake()
  }

  readonly #end = (): void => {
    this.#over = true
    this.#wake()
  };

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#watcher.close()
    this.#signal?.removeEventListener('abort', this.#end)
  }
}
