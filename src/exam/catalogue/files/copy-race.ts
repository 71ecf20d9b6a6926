import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ownFolder, plantFile, type Scene } from '../../scene.ts'
import { byWitness, failed, inOneLine } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { keptName, runGlovebox } from './kept-name.ts'

/** Rounds of an attempt, three copies each. */
const COPIES = 2
/** Milliseconds for a copier without care, who hits the link about every second time once both have a processor. */
const NAIVE_MS = 1500

interface Race {
  /** Folder of the host that the link leads to, with a file `secret`. */
  readonly target: string
  /** Where copies go. */
  readonly results: string
  readonly nonce: string
  /** Name of the kept box. */
  readonly box: string
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const mark = scene.nonce().slice(0, 12)
  const target = ownFolder(scene, `race-target-${mark}`, 0o777)
  plantFile(join(target, 'secret'), canary ? nonce : 'nothing')
  const results = ownFolder(scene, `race-results-${mark}`)
  const kept = keptName(scene, 'box')
  const race = { target, results, nonce, box: kept.name }
  let tried = 0
  return {
    launch: { root: true, options: ['--keep', kept.name] },
    attempt: async (inside, place) => {
      const ours = place.kind === 'box'
      const name = `race-${mark}-${tried++}`
      const folder = ours ? `/tmp/glovebox-canary-${name}` : join(scene.folder, name)
      const held = inside.hold('file-flip', [target, folder, 'of the box', '100'], { timeoutMs: 120_000 })
      if (!(await held.until('flipping'))) return byWitness(false, await held.answer, '')
      const seen = ours ? await copyOften(scene, race, folder) : await naive(race, folder)
      const answer = await held.release()
      return typeof seen === 'string'
        ? failed(seen)
        : byWitness(seen, answer, 'a copy out of the box went by a link to the host')
    },
    [Symbol.asyncDispose]: async () => {
      await kept[Symbol.asyncDispose]()
      for (const path of [target, results]) rmSync(path, { recursive: true, force: true })
    },
  }
}

/** Copies out a file and its whole folder, and a file in, over and over; refusals are no matter, only what is there then. */
async function copyOften(scene: Scene, race: Race, folder: string): Promise<boolean | string> {
  const { target, results, nonce, box } = race
  const gift = join(results, 'gift')
  if (!existsSync(gift)) plantFile(gift, 'a gift')
  const still = await runGlovebox(scene, [
    'cp',
    `${box}:${folder}/still`,
    join(results, `still-${scene.nonce()}`),
  ])
  if (still.exitCode !== 0) return `nothing can be copied out of it: ${inOneLine(still.stderr)}`
  for (let round = 0; round < COPIES; round++) {
    const [file, tree] = ['file', 'tree'].map((name) =>
      join(results, `${name}-${scene.nonce().slice(0, 8)}`),
    ) as [string, string]
    for (const words of [
      [`${box}:${folder}/door/secret`, file],
      [`${box}:${folder}`, tree],
      [gift, `${box}:${folder}/door/gift`],
    ])
      await runGlovebox(scene, ['cp', ...words])
    if (holds(file, nonce) || holds(tree, nonce) || existsSync(join(target, 'gift'))) return true
  }
  return false
}

/** Whether the nonce lies in a copy itself; a copied link does not count. */
function holds(path: string, nonce: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats?.isFile()) return readFileSync(path, 'latin1').includes(nonce)
  return stats?.isDirectory() === true && readdirSync(path).some((name) => holds(join(path, name), nonce))
}

/** What a copier does that checks nothing: it opens a path in which a folder may have become a link. */
async function naive({ nonce }: Race, folder: string): Promise<boolean> {
  const end = performance.now() + NAIVE_MS
  while (performance.now() < end) {
    try {
      if (readFileSync(join(folder, 'door/secret'), 'latin1').includes(nonce)) return true
    } catch {
      // it looked while the two were being exchanged
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return false
}

export const copyRace: Probe = {
  id: 'files-copy-race',
  number: 5,
  asset: 'files',
  title: 'make a copy out of the box read your files',
  tries:
    'Exchanges a folder for a link to a planted one on the host, over and over, while files are copied out and in; looks for the nonce in the copies.',
  attacker: 'root in the box',
  severity: 'host leak',
  standsFor: ['CVE-2021-30465', 'CVE-2019-14271'],
  closing: 'Copy by a program inside the box, and take its archive apart without following links.',
  price: 'Nothing.',
  holes: ['files'],
  notFor: (subject) =>
    subject.kind === 'foreign' ? 'the exam does not know how this command copies files' : undefined,
  plant,
}
