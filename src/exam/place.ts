import { Session } from './session.ts'
import type { Hole, Launch, Place, Subject } from './types.ts'

/** Milliseconds for a sandbox to come up: emulated machines take several seconds, more where two cores are shared. */
const START_MS = 120_000

/** The name that stands for the probe program in a command line. */
export const PROGRAM_WORD = '{}'

/** Where the guest program lies in every box of ours (src/engine/bundle.ts). */
const PROGRAM_IN_BOX = '/run/glovebox/guest'

export interface Programs {
  /** glovebox-guest on the host. */
  readonly guest: string
  /** The same under the name glovebox-probe, so that it needs no verb: what `{}` stands for. */
  readonly probe: string
  /** Ends what they were started in. */
  readonly signal: AbortSignal
}

/** The program alone, with nothing around it. */
export function barePlace(programs: Programs, subject: Subject): Place {
  return place('bare', subject, programs, () => [programs.probe])
}

/** The reference box with these holes. */
export function holedPlace(programs: Programs, subject: Subject, holes: readonly Hole[]): Place {
  const words = [...new Set(holes)].sort().map((hole) => `--open=${hole}`)
  return place('holed', subject, programs, () => [
    ...[programs.guest, 'probe', 'box', ...words, '--'],
    ...[programs.guest, 'probe'],
  ])
}

export function boxPlace(programs: Programs, subject: Subject): Place {
  return place('box', subject, programs, (launch) => subjectWords(subject, programs, launch))
}

function place(
  kind: Place['kind'],
  subject: Subject,
  programs: Programs,
  words: (launch: Launch) => readonly string[],
): Place {
  return {
    kind,
    subject,
    open: (launch = {}) => {
      const typed = launch.typed === undefined ? [] : [`--type=${launch.typed}`]
      const terminal = launch.terminal ? [programs.guest, 'probe', 'pty', ...typed, '--'] : []
      const argv = [...wordsOf(launch.within, kind), ...terminal, ...words(launch)]
      const { signal } = programs
      return Session.start({ ...launch, argv: argv as [string, ...string[]], startMs: START_MS, signal })
    },
  }
}

/** The command line of a subject. */
export function subjectWords(subject: Subject, programs: Programs, launch: Launch = {}): string[] {
  if (subject.kind === 'foreign')
    return subject.argv.map((word) => word.replaceAll(PROGRAM_WORD, programs.probe))
  const options = wordsOf(launch.options, subject)
  return [
    ...[...subject.glovebox, 'run', ...subject.options, '--image', launch.image ?? subject.image],
    ...(launch.root ? ['--user', '0:0'] : []),
    ...(launch.terminal ? ['--tty'] : ['--no-tty']),
    ...options,
    ...['--', PROGRAM_IN_BOX, 'probe'],
  ]
}

/** Words that stand fast, or depend on where they are said. */
function wordsOf<T>(
  words: readonly string[] | ((where: T) => readonly string[]) | undefined,
  where: T,
): readonly string[] {
  return typeof words === 'function' ? words(where) : (words ?? [])
}
