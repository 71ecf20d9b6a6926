import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ownFolder, plantFile, type Scene } from '../../scene.ts'
import { END_MS, type Session } from '../../session.ts'
import { byNonce, failureOf } from '../../sightings.ts'
import type { Place, Probe, Sighting, Trap } from '../../types.ts'
import { keptName } from './kept-name.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const target = ownFolder(scene, `kept-${scene.nonce().slice(0, 12)}`)
  plantFile(join(target, 'secret'), canary ? nonce : 'nothing')
  const home = keptName(scene, 'home')
  return {
    attempt: (_inside, place) =>
      place.kind === 'box' ? swapHome(place, home.name, target, nonce) : naive(scene, place, target, nonce),
    [Symbol.asyncDispose]: async () => {
      await home[Symbol.asyncDispose]()
      rmSync(target, { recursive: true, force: true })
    },
  }
}

const WHAT = 'a link in place of a kept folder led to the host at the next start'

/** Root in a first box puts links where the home and a folder in it were; a second box looks through them. */
async function swapHome(place: Place, home: string, target: string, nonce: string): Promise<Sighting> {
  const launch = { root: true, options: ['--home', home] } as const
  const first = await place.open(launch)
  const swapped = await first.ask('file-swap', [target, '~/persist', '~'])
  await first.end(END_MS)
  const lost = failureOf(swapped)
  if (lost !== undefined) return lost
  const second = await place.open(launch)
  const answer = await second.ask('read', ['~/secret', '~/persist/secret'])
  await second.end(END_MS)
  return byNonce(answer, nonce, WHAT)
}

/** What a sharer does that follows links: it opens the kept folder by its path, and hands it to the next start. */
async function naive(scene: Scene, place: Place, target: string, nonce: string): Promise<Sighting> {
  const kept = join(ownFolder(scene, `sharer-${scene.nonce().slice(0, 12)}`), 'persist')
  const first: Session = await place.open()
  const swapped = await first.ask('file-swap', [target, kept])
  await first.end()
  if (!swapped.text.includes('swapped')) return byNonce(swapped, nonce, WHAT)
  const folder = openSync(kept, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await using second = await place.open({ descriptors: [folder] })
    return byNonce(await second.ask('file-openat', ['secret']), nonce, WHAT)
  } finally {
    closeSync(folder)
  }
}

export const keptLink: Probe = {
  id: 'files-kept-link',
  number: 4,
  asset: 'files',
  title: 'turn a kept folder into a way to your files',
  tries:
    'Swaps a kept folder for a link to a planted one on the host, restarts, and must bring its nonce back.',
  attacker: 'root in the box',
  severity: 'host leak',
  standsFor: ['CVE-2024-42472'],
  closing: 'Open what is kept without following links (openat2(2) RESOLVE_NO_SYMLINKS).',
  price: 'Nothing.',
  holes: ['files', 'descriptors'],
  notFor: (subject) =>
    subject.kind === 'foreign' ? 'the exam does not know what this command keeps' : undefined,
  plant,
}
