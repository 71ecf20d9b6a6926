import { closeSync, openSync, readSync, watch } from 'node:fs'
import { GloveboxError } from '../errors.ts'
import { type FlowLine, MAX_LINE, readFlowLine } from '../network/flow-log.ts'
import { networkFiles } from '../network/gate.ts'
import { liveness, readRecord } from './state.ts'

export interface FlowOptions {
  /** Go on until the box has ended. */
  readonly follow?: boolean
  /** Ends the lines, quietly. */
  readonly signal?: AbortSignal
}

/**
 * The log of a box's flows, its older half first. What is no line of the log is left out: its writer may have been broken into. What was
 * dropped, as the log is bounded, comes as `lost` with `gone`.
 *
 * @throws GloveboxError BOX_WITHOUT_NETWORK
 */
export async function* readFlows(dir: string, options: FlowOptions = {}): AsyncGenerator<FlowLine, void> {
  const plan = readRecord(dir)?.plan
  if (plan !== undefined && plan.network === undefined) throw withoutNetwork(plan.box.name ?? plan.box.id)
  using log = new HalvedLog(networkFiles(dir).flowsLog)
  for (;;) {
    /* Asked first: what is written before the end is read after it. */
    const ended = liveness(dir, readRecord(dir)) === 'ended'
    for (let lines = log.read(); lines.length > 0; lines = log.read())
      for (const line of lines) {
        if (options.signal?.aborted) return
        yield line
      }
    if (ended || !options.follow || options.signal?.aborted) return
    await changed(dir, options.signal)
  }
}

function withoutNetwork(box: string): GloveboxError {
  return new GloveboxError({
    code: 'BOX_WITHOUT_NETWORK',
    audience: 'usage',
    message: `Cannot tell whom box ${box} talked to: it has no network.`,
    remedy: 'Give a box one with: glovebox run --network internet',
  })
}

/** A write of the log's, or a second: nothing tells of a supervisor's death, and the folder may not be there yet, or any more. */
function changed(dir: string, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = new AbortController()
    const done = (): void => {
      clearTimeout(timer)
      stop.abort()
      resolve()
    }
    const timer = setTimeout(done, 1000)
    signal?.addEventListener('abort', done, { once: true, signal: stop.signal })
    try {
      watch(`${dir}/network`, { signal: stop.signal }, done).on('error', done)
    } catch {
      // Without the folder the second is waited for.
    }
  })
}

const CHUNK = 1 << 20
const HEAD = 128

/** Reads two files that are emptied in turn. They stay open, so that they are read to their end when the box's folder is gone. */
class HalvedLog implements Disposable {
  readonly #paths: readonly string[]
  #files: readonly number[] = []
  /** Which file is read, the number of its half, and where. */
  #at = 0
  #number = 0
  #offset = 0
  #rest = ''
  readonly #bytes = Buffer.alloc(CHUNK)

  constructor(paths: readonly string[]) {
    this.#paths = paths
  }

  /** The next lines; none where there are no more now. */
  read(): FlowLine[] {
    for (;;) {
      const lines = this.#step()
      if (lines === undefined) return []
      if (lines.length > 0) return lines
    }
  }

  /** Undefined where there is nothing more to read. */
  #step(): FlowLine[] | undefined {
    if (this.#files.length === 0) this.#files = openAll(this.#paths)
    if (this.#number === 0) return this.#begin(0)
    const count = readSync(this.#file, this.#bytes, 0, CHUNK, this.#offset)
    /* What was read is of this half only if it has not been emptied meanwhile. */
    if (this.#numberOf(this.#at) !== this.#number) return this.#begin(this.#number)
    if (count > 0) return this.#take(count)
    const other = 1 - this.#at
    if (this.#numberOf(other) !== this.#number + 1) return undefined
    /* Nothing is written here any more; what came between the two looks is read first. */
    const last = readSync(this.#file, this.#bytes, 0, CHUNK, this.#offset)
    if (last > 0) return this.#take(last)
    this.#open(other, this.#number + 1)
    return []
  }

  get #file(): number {
    return this.#files[this.#at] ?? -1
  }

  #open(at: number, number: number): void {
    this.#at = at
    this.#number = number
    this.#offset = 0
    this.#rest = ''
  }

  /** At the older half that there is; what lies between `known` and it was dropped before it was read. */
  #begin(known: number): FlowLine[] | undefined {
    const halves = this.#files
      .map((_, at) => ({ at, number: this.#numberOf(at) }))
      .filter(({ number }) => number > known)
      .sort((a, b) => a.number - b.number)
    const [first] = halves
    const head = readHead(this.#files[halves.at(-1)?.at ?? 0] ?? -1)
    if (first === undefined || head === undefined) return undefined
    this.#open(first.at, first.number)
    const { atSeconds, goneLines: count } = head
    return count === 0 ? [] : [{ kind: 'lost', what: 'gone', count, atSeconds }]
  }

  #take(count: number): FlowLine[] {
    this.#offset += count
    const lines = (this.#rest + this.#bytes.toString('latin1', 0, count)).split('\n')
    const rest = lines.pop() ?? ''
    /* A line without an end is kept only as what makes the whole of it no line. */
    this.#rest = rest.length > MAX_LINE ? '\0' : rest
    return lines.flatMap((line) => readFlowLine(line) ?? []).filter(({ kind }) => kind !== 'half')
  }

  #numberOf(at: number): number {
    return readHead(this.#files[at] ?? -1)?.number ?? 0
  }

  [Symbol.dispose](): void {
    for (const file of this.#files) closeSync(file)
    this.#files = []
  }
}

function readHead(file: number): Extract<FlowLine, { kind: 'half' }> | undefined {
  const bytes = Buffer.alloc(HEAD)
  const text = bytes.toString('latin1', 0, file < 0 ? 0 : readSync(file, bytes, 0, HEAD, 0))
  const line = text.includes('\n') ? readFlowLine(text.slice(0, text.indexOf('\n'))) : undefined
  return line?.kind === 'half' ? line : undefined
}

/** Both or none: the box may not have come so far. */
function openAll(paths: readonly string[]): number[] {
  const files: number[] = []
  try {
    for (const path of paths) files.push(openSync(path, 'r'))
    return files
  } catch (error) {
    for (const file of files) closeSync(file)
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
