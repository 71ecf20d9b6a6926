import type { Session } from '../exam/session.ts'
import { BombRun } from './neighbours-bomb-run.ts'
import { type Bomb, type BombWork, bombLacks, bombWords, workInWords } from './neighbours-bombs.ts'
import { checkClock, degradation, NotMeasured, type Rates } from './neighbours-degradation.ts'
import { OFFERED, Web, WINDOW_MS } from './neighbours-web.ts'
import type { NeighbourFigure } from './result-types.ts'

/** The two boxes: one behaves well, one badly. */
export interface Pair {
  readonly well: Session
  readonly bad: Session
  /** Where each has room for files. */
  readonly folders: readonly string[]
}

/** Turns of windows alone and windows beside the bomb, so that what drifts meets both alike. */
export interface Turns {
  readonly turns: number
  readonly windows: number
}

/** Milliseconds that a stalled server may need before it is said that it did not report, beyond those that it is asked for. */
const GRACE_MS = 10_000
/** A server is well where so many windows in a row have this share of what is offered; it gets so many windows for that. */
const WELL = { rate: OFFERED * 0.9, many: 3, most: 100 }

/** One stress: turns of windows without and with the bomb in the bad box. That box may be dead afterwards. */
export async function measureStress(pair: Pair, bomb: Bomb, turns: Turns): Promise<NeighbourFigure> {
  const { stress } = bomb
  try {
    const lacks = bombLacks(bomb)
    if (lacks !== undefined) throw new NotMeasured(lacks)
    return await new Run(pair, bomb, turns).measure()
  } catch (error) {
    return { stress, state: 'not measured', reason: error instanceof Error ? error.message : String(error) }
  }
}

class Run {
  readonly #pair: Pair
  readonly #bomb: Bomb
  readonly #turns: Turns
  readonly #well: Rates = { alone: [], beside: [] }
  readonly #bad: Rates = { alone: [], beside: [] }
  readonly #work: BombWork[] = []
  #notes: string[] = []
  #silent = false

  constructor(pair: Pair, bomb: Bomb, turns: Turns) {
    this.#pair = pair
    this.#bomb = bomb
    this.#turns = turns
  }

  async measure(): Promise<NeighbourFigure> {
    const { well, bad, folders } = this.#pair
    const [good, worse] = [await Web.start(well, folders), await Web.start(bad, folders)]
    const began = { window: good.last, at: performance.now() }
    /* A busy machine may take a while; where it never is, the rate alone says so. */
    await this.#settle(good, worse)
    for (let turn = 0; turn < this.#turns.turns && bad.alive && !this.#silent; turn++) {
      await this.#alone(good, worse)
      await this.#beside(good, worse)
      if (bad.alive && !this.#silent && !(await this.#settle(good, worse)))
        this.#notes = [`a server was not well again ${(WELL.most * WINDOW_MS) / 1000} s after it`]
    }
    if (!well.alive) throw new NotMeasured('the box of the well-behaved server ended')
    checkClock(good.last - began.window, performance.now() - began.at)
    await Promise.all([good.end(), worse.end()])
    return this.#figure()
  }

  async #alone(good: Web, worse: Web): Promise<void> {
    const { windows } = this.#turns
    const [a, b] = [good.last + 2, worse.last + 2]
    const within = windows * WINDOW_MS + GRACE_MS
    const both = await Promise.all([
      good.reach(a + windows - 1, within),
      worse.reach(b + windows - 1, within),
    ])
    if (both.includes(false)) throw new NotMeasured('a server did not report though no bomb was there')
    this.#well.alone.push(...good.rates(a, windows))
    this.#bad.alone.push(...worse.rates(b, windows))
  }

  async #beside(good: Web, worse: Web): Promise<void> {
    const { bad, folders } = this.#pair
    const { windows } = this.#turns
    const before = good.last + 2
    const run = new BombRun(bad, bombWords(this.#bomb, folders))
    const wentOff = await run.wentOff()
    if (!wentOff && bad.alive) throw new NotMeasured(`the bomb did not go off: ${await run.lastWords()}`)
    /* Where its box has not lived to see its height, it was hurt on the way there. */
    const [a, b] = [wentOff ? good.last + 2 : before, worse.last + 2]
    const within = windows * WINDOW_MS + GRACE_MS
    const reports = worse.reach(b + windows - 1, within)
    const ended = run.ended.then(() => 'ended' as const)
    const first = await Promise.race([Promise.all([good.reach(a + windows - 1, within), reports]), ended])
    if (first === 'ended' && bad.alive)
      throw new NotMeasured(`the bomb ended early: ${await run.lastWords()}`)
    /* A bomb that has ended with its box was there in the window under way, but in no later one. */
    const most = first === 'ended' ? Math.min(windows, Math.max(1, good.last + 2 - a)) : windows
    await good.reach(a + most - 1, GRACE_MS)
    /* What was not told in all that time was no good answer: the well-behaved server is in a box that is still there. */
    const told = good.rates(a, most)
    this.#well.beside.push(...told, ...Array.from({ length: most - told.length }, () => 0))
    if (first !== 'ended' && (await reports)) this.#bad.beside.push(...worse.rates(b, windows))
    else this.#silent = true
    this.#add(await run.stop())
  }

  /** What the bomb did: it must have run, and all the time. */
  #add(work: BombWork | undefined): void {
    if (work !== undefined) this.#work.push(work)
    if (work?.over) throw new NotMeasured('the bomb’s time was up before the windows were told')
    if (this.#pair.bad.alive && (work === undefined || work.did + work.killed === 0))
      throw new NotMeasured('the bomb did not say what it did')
  }

  /** Waits until both servers are well, or have had their time; returns whether they are. */
  async #settle(good: Web, worse: Web): Promise<boolean> {
    const steady = (web: Web) => web.steadies(WELL.rate, WELL.many, WELL.most)
    return !(await Promise.all([steady(good), steady(worse)])).includes(false)
  }

  #figure(): NeighbourFigure {
    const died = !this.#pair.bad.alive
    return {
      ...{ stress: this.#bomb.stress, state: 'measured', well: degradation(this.#well) },
      ...(this.#silent || died ? {} : { bad: degradation(this.#bad) }),
      work: [workInWords(this.#bomb, this.#work, died), ...this.#notes].join('; '),
    }
  }
}
