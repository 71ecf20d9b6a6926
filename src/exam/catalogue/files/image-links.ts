import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { spawnTool } from '../../../host/spawn.ts'
import { FORGET } from '../../leftovers.ts'
import { ownFolder, plantFile, type Scene } from '../../scene.ts'
import { END_MS, SessionLost } from '../../session.ts'
import { failed, inOneLine } from '../../sightings.ts'
import type { Place, Probe, Sighting, Trap } from '../../types.ts'
import { runGlovebox } from './kept-name.ts'

/** Places of an image that a sandbox mounts on or writes to, by turns: one that is refused is not to hide the others. */
const VARIANTS: readonly (readonly string[])[] = [
  ['dev/null', 'dev/console', 'dev/pts/secret'],
  ['etc/hosts', 'etc/hostname', 'etc/resolv.conf', 'etc/machine-id'],
  ['dev'],
  ['run'],
  [],
]

/** What of the canary must stay as it is. */
interface Canary {
  readonly folder: string
  readonly file: string
  readonly nonce: string
}

const stateOf = ({ file, folder }: Canary): string =>
  [statSync(file), statSync(folder)].map(({ mode, uid, mtimeMs }) => `${mode} ${uid} ${mtimeMs}`).join() +
  readFileSync(file, 'latin1')

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const mark = scene.nonce().slice(0, 12)
  const nonce = scene.nonce()
  const folder = ownFolder(scene, `image-target-${mark}`, 0o777)
  const file = plantFile(join(folder, 'secret'), canary ? nonce : 'nothing', 0o666)
  const planted: Canary = { folder, file, nonce }
  const images: string[] = []
  return {
    attempt: async (_inside, place) =>
      place.kind === 'box' && place.subject.kind === 'engine'
        ? await tryImages(scene, place, planted, images)
        : await naive(scene, place, planted, canary),
    [Symbol.asyncDispose]: async () => {
      for (const name of images) await runGlovebox(scene, [...FORGET.image, name])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function tryImages(scene: Scene, place: Place, canary: Canary, images: string[]): Promise<Sighting> {
  const before = stateOf(canary)
  const words: string[] = []
  if (images.length === 0) for (const links of VARIANTS) images.push(await importImage(scene, links, canary))
  for (const [at, links] of VARIANTS.entries()) {
    const answer = await startFrom(place, images[at] ?? '', canary)
    const called = links.join(' ') || 'no links'
    if (answer.includes(canary.nonce))
      return { reached: true, evidence: `an image's ${called} led to the host` }
    if (stateOf(canary) !== before)
      return { reached: true, evidence: `an image's ${called} changed a file of the host` }
    words.push(`${called}: ${answer === '' ? 'nothing came out' : inOneLine(answer).slice(0, 60)}`)
    if (links.length === 0 && answer.startsWith('did not start'))
      return failed(`an image without links ${answer}`)
  }
  return { reached: false, evidence: words.join('; ') }
}

/** Starts a box of that image, and uses what its links lead to. */
async function startFrom(place: Place, image: string, canary: Canary): Promise<string> {
  if (image === '') return 'refused at the import'
  try {
    const session = await place.open({ root: true, image })
    const reads = ['/dev/null', '/dev/pts/secret', '/dev/secret', '/run/secret', '/etc/hosts', '/dev/console']
    const read = await session.ask('read', [...reads, canary.file])
    await session.ask('file-append', ['changed', '/dev/null', '/etc/hosts', '/etc/hostname', '/dev/secret'])
    await session.ask('file-create', ['changed', '/dev/new', '/run/new', '/dev/pts/new'])
    await session.end(END_MS)
    return read.text.includes(canary.nonce) ? canary.nonce : ''
  } catch (error) {
    if (error instanceof SessionLost) return `did not start: ${error.message}`
    throw error
  }
}

/** @returns the image's name; empty where Glovebox refuses to import it */
async function importImage(scene: Scene, links: readonly string[], canary: Canary): Promise<string> {
  const name = `exam-canary-${scene.nonce().slice(0, 12)}`
  const tree = ownFolder(scene, `image-${name}`)
  for (const folder of ['etc', 'tmp', 'proc', 'sys', 'home', 'root', 'dev', 'run'])
    if (!links.includes(folder)) mkdirSync(join(tree, folder), { recursive: true })
  writeFileSync(
    join(tree, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n',
  )
  writeFileSync(join(tree, 'etc/group'), 'root:x:0:\nuser:x:1000:\n')
  // What the links name is in the image, too, so that a launcher which looks there is content, and starts.
  mkdirSync(join(tree, canary.folder), { recursive: true })
  writeFileSync(join(tree, canary.file), 'of the image')
  for (const link of links)
    await linkTo(scene, link === 'dev' || link === 'run' ? canary.folder : canary.file, join(tree, link))
  const archive = join(scene.folder, `${name}.tar`)
  await spawnTool(['tar', '-C', tree, '--owner=0', '--group=0', '-cf', archive, '.'])
  scene.remember({ kind: 'image', name })
  const { exitCode } = await runGlovebox(scene, ['image', 'import', '--name', name, archive])
  rmSync(archive, { force: true })
  rmSync(tree, { recursive: true, force: true })
  return exitCode === 0 ? name : ''
}

async function linkTo(scene: Scene, target: string, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  await spawnTool([scene.program, 'probe', 'file-link', target, path])
}

/** What a launcher does that follows the links of an image: it writes the box's /etc/hosts by the path in the unpacked tree. */
async function naive(scene: Scene, place: Place, canary: Canary, real: boolean): Promise<Sighting> {
  const tree = ownFolder(scene, `unpacked-${scene.nonce().slice(0, 12)}`)
  const before = stateOf(canary)
  const hosts = join(tree, 'hosts')
  const author = await place.open()
  const answer = await author.ask('file-link', [real ? canary.file : join(tree, 'own'), hosts])
  await author.end()
  writeFileSync(hosts, 'changed')
  if (stateOf(canary) !== before)
    return { reached: true, evidence: 'a link in an unpacked image changed a file of the host' }
  return { reached: false, evidence: inOneLine(answer.text) || 'nothing was changed' }
}

export const imageLinks: Probe = {
  id: 'files-image-links',
  number: 13,
  asset: 'files',
  title: 'change your files by links in an image',
  tries:
    'Starts images whose /dev/null, /dev, /etc/hosts or /run are links to a planted file on the host, and looks whether that is read or changed.',
  attacker: "the image's author",
  severity: 'escape',
  standsFor: ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2019-19921'],
  closing: 'Resolve every path of an image below its own root (openat2(2) RESOLVE_IN_ROOT).',
  price: 'Nothing.',
  holes: ['files'],
  lacks: ({ tool }) => (tool('tar') === undefined ? 'tar is not installed' : undefined),
  notFor: (subject) => (subject.kind === 'foreign' ? 'this command takes no image of the exam’s' : undefined),
  plant,
}
