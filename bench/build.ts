import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Glovebox } from '../src/sdk.ts'
import type { Row } from './statistics.ts'

const secondsOf = async (work: () => Promise<unknown> | unknown): Promise<number> => {
  const start = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - start) / 1e9
}

/** Building `base` against mmdebstrap alone with the same packages, in turn, twice; and a rebuild of nothing new. */
export async function buildRows(glovebox: Glovebox, folder: string): Promise<Row[]> {
  const ours: number[] = []
  const theirs: number[] = []
  const alone = [
    '--mode=unshare',
    '--variant=minbase',
    '--include=ca-certificates',
    '--format=tar',
    '--quiet',
    'trixie',
    join(folder, 'alone.tar'),
  ]
  for (let run = 0; run < 2; run++) {
    theirs.push(
      await secondsOf(() =>
        spawnSync('mmdebstrap', alone, { stdio: 'inherit', env: { ...process.env, TMPDIR: '/tmp' } }),
      ),
    )
    ours.push(await secondsOf(() => glovebox.images.build('base', { noCache: true })))
  }
  const again = await secondsOf(() => glovebox.images.build('base'))
  const [a, b] = [Math.min(...ours), Math.min(...theirs)]
  return [
    {
      name: 'building base / mmdebstrap alone',
      value: a / b,
      most: 1.15,
      detail: `${a.toFixed(1)} / ${b.toFixed(1)} s, the better of two`,
    },
    { name: 'a rebuild with nothing changed, s', value: again, most: 1, detail: 'asks the mirror' },
  ]
}
