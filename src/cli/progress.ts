import { printable } from '../policy/quote.ts'
import type { OnProgress, Progress } from '../sdk.ts'
import { bytesInWords } from './text.ts'

/** Between two drawings of the one line; faster only flickers. */
const REDRAW_MS = 80
/** Between two plain lines of the same step, where there is no terminal: a log stays readable. */
const PLAIN_MS = 10_000
const BAR_CELLS = 24
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const

/** Does long work that says where it is; the last step is marked as failed where the work throws. */
export async function withProgress<T>(work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  const display = new ProgressDisplay()
  try {
    const result = await work(display.show)
    display.end('✓')
    return result
  } catch (error) {
    display.end('✗')
    throw error
  }
}

/** Shows long work on stderr: one line that is drawn anew on a terminal, else a line a step. */
export class ProgressDisplay {
  readonly #given: NodeJS.WriteStream | undefined
  readonly #started = performance.now()
  #current: Progress | undefined
  #drawnAt = 0
  #stepStarted = performance.now()
  #timer: NodeJS.Timeout | undefined

  constructor(stream?: NodeJS.WriteStream) {
    this.#given = stream
  }

  /** Opened when there is something to show: the first look at process.stderr takes 10 ms, and most starts say nothing. */
  get #stream(): NodeJS.WriteStream {
    return this.#given ?? process.stderr
  }

  /** Takes one event; give this to whatever wants an `onProgress`. */
  readonly show: OnProgress = (progress) => {
    const sameStep = this.#current?.step === progress.step
    if (!sameStep) this.#finishStep('✓')
    this.#current = progress
    const now = performance.now()
    if (this.#stream.isTTY) {
      this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS).unref()
      if (!sameStep || now - this.#drawnAt >= REDRAW_MS) this.#draw()
    } else if (!sameStep || now - this.#drawnAt >= PLAIN_MS) {
      this.#drawnAt = now
      this.#stream.write(`${plainLine(progress)}\n`)
    }
  }

  /** Leaves the last step with this mark. */
  end(mark: string): void {
    this.#finishStep(mark)
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#current = undefined
  }

  /** Leaves a line with what is done and how long it took. */
  #finishStep(mark: string): void {
    if (this.#current !== undefined && this.#stream.isTTY) {
      const seconds = (performance.now() - this.#stepStarted) / 1000
      this.#stream.write(`\r\x1b[2K${mark} ${printable(this.#current.step)} (${seconds.toFixed(1)} s)\n`)
    }
    this.#stepStarted = performance.now()
  }

  #draw(): void {
    if (this.#current === undefined) return
    this.#drawnAt = performance.now()
    const turn = Math.floor((this.#drawnAt - this.#started) / 100) % SPINNER.length
    const line = terminalLine(this.#current, SPINNER[turn] ?? '', this.#stream.columns || 80)
    this.#stream.write(`\r\x1b[2K${line}`)
  }
}

/** One line no longer than the terminal: what is done, how far, and the newest detail. */
export function terminalLine(progress: Progress, spinner: string, columns: number): string {
  const parts = [spinner, printable(progress.step), amount(progress), printable(progress.detail ?? '')]
  const line = parts.filter((part) => part !== '').join(' ')
  return line.length < columns ? line : `${line.slice(0, columns - 2)}…`
}

export function plainLine(progress: Progress): string {
  const detail = progress.detail === undefined ? '' : `: ${printable(progress.detail)}`
  return `${printable(progress.step)}${detail}${percent(progress)}`
}

function amount(progress: Progress): string {
  const { done, total } = progress
  if (done === undefined) return ''
  if (total === undefined || total <= 0) return inWords(done)
  const filled = Math.round(Math.min(1, done / total) * BAR_CELLS)
  return `[${'█'.repeat(filled)}${'·'.repeat(BAR_CELLS - filled)}]${percent(progress)}`
}

function percent({ done, total }: Progress): string {
  if (done === undefined || total === undefined || total <= 0) return ''
  return ` ${Math.floor(Math.min(1, done / total) * 100)} %`
}

/** Large numbers are bytes, small ones items. */
function inWords(count: number): string {
  return count >= 100_000 ? bytesInWords(count) : String(count)
}
