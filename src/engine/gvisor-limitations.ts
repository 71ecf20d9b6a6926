import type { Limitation } from './types.ts'

/** gVisor's commit 2df63d779, the later one of two: statx(2) and fstatat(2) take AT_NO_AUTOMOUNT. */
const TAKES_NO_AUTOMOUNT = 20231026

/** What was seen to fail in a box of gVisor and to work in a container, for one release of runsc. */
export function gvisorLimitations(version: string): readonly Limitation[] {
  /* `0.0~20221219.0` of Debian, `release-20240729.0` of gVisor: the day is the version. A later one has no day yet. */
  const day = Number(/20\d{6}/.exec(version)?.[0] ?? Number.MAX_SAFE_INTEGER)
  return [
    ...(day < TAKES_NO_AUTOMOUNT
      ? [
          {
            code: 'STATX_FLAGS',
            says: 'ls -l and stat of coreutils 9 say "Invalid argument": this gVisor is older than the flag AT_NO_AUTOMOUNT',
            remedy: 'Bring the tools image up to date: glovebox tools update',
          },
        ]
      : []),
    {
      code: 'NO_DEV_TTY',
      says: 'A terminal is there as standard input and output, with job control, but not by its name or as /dev/tty',
      remedy: 'Programs that ask for a password by /dev/tty work with --engine container',
    },
    {
      code: 'DEV_IS_MEMORY',
      says: "The box's root may write files below /dev: they count as the box's memory, not as its disk",
      remedy: 'Bound it with --memory, or run as another user than root',
    },
  ]
}
