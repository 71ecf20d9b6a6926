import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { removeAsSubordinate } from '../../src/box/remove.ts'
import { packageRoot, programsHash } from '../../src/host/build-info.ts'
import { compileProgram, PROGRAM_NAMES } from '../../src/host/compile.ts'
import { jobRunner } from '../../src/host/holder.ts'
import { chooseIds, readIdSource } from '../../src/host/ids.ts'
import { choosePaths, type HostPaths, openPaths } from '../../src/host/paths.ts'
import { findTool, spawnTool } from '../../src/host/spawn.ts'
import { LAYER_TYPE, nameImage, writeImage } from '../../src/image/image-write.ts'
import { blobPath, digestOf, initStore, storePlaces, writeAtomically } from '../../src/image/layout.ts'
import { readTreeRecord } from '../../src/image/resolve.ts'
import { ARCHIVE_LIMITS } from '../../src/image/tar-path.ts'
import { unpackLayer } from '../../src/image/unpack.ts'
import { Glovebox } from '../../src/sdk.ts'
import { type RawEntry, tarBytes } from '../image/tar-bytes.ts'
import { shareTools } from './share-tools.ts'

/** A Glovebox whose images are shared by all tests of a user, and whose boxes are this caller's alone. */
export interface TestImage extends AsyncDisposable {
  readonly glovebox: Glovebox
  /** Busybox with its commands, /bin/probe, and the users root and user (1000). */
  readonly ref: 'base'
  readonly paths: HostPaths
  /** Makes a Glovebox of another process work on the same paths. */
  readonly env: Readonly<Record<string, string>>
  /** The probe program on the host: what it does here, without a jail, is the control. */
  readonly probe: string
}

const PROBE_FOLDER = fileURLToPath(new URL('../jail/probe', import.meta.url))
const REF = 'base'

/**
 * Makes the small image once: the host's static busybox and one compiled probe. With `tools` it also has the tools
 * image, for boxes of gVisor and virtual machines; without, no network is needed.
 */
export async function testImage(options: { readonly tools?: boolean } = {}): Promise<TestImage> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'glovebox-tests')
  const own = mkdtempSync(join(tmpdir(), 'glovebox-boxes-'))
  const env = {
    XDG_DATA_HOME: join(cache, 'data'),
    XDG_CACHE_HOME: join(cache, 'cache'),
    XDG_STATE_HOME: join(own, 'state'),
    XDG_RUNTIME_DIR: own,
  }
  const uid = process.getuid?.() ?? 0
  const paths = choosePaths({ env, uid, ownerOf: (path) => (existsSync(path) ? uid : undefined) })
  openPaths(paths)
  const probe = await compileProbe(cache)
  await compilePrograms(paths)
  await makeImage(paths, probe)
  if (options.tools === true) await shareTools(paths)
  const glovebox = new Glovebox({ paths })
  return {
    ...{ glovebox, ref: REF, paths, env, probe },
    [Symbol.asyncDispose]: () => removeAll(glovebox, paths, own),
  }
}

const holderOf = (paths: HostPaths): string => join(paths.programs, programsHash(), 'glovebox-holder')

async function compilePrograms(paths: HostPaths): Promise<void> {
  const folder = join(paths.programs, programsHash())
  for (const name of PROGRAM_NAMES)
    if (!existsSync(join(folder, `glovebox-${name}`))) await compileProgram(name, folder, packageRoot())
}

/** One static program of all probes, named by the hash of its sources. */
async function compileProbe(cache: string): Promise<string> {
  const names = readdirSync(PROBE_FOLDER).sort()
  const hash = createHash('sha256')
  for (const name of names) hash.update(readFileSync(join(PROBE_FOLDER, name)))
  const path = join(cache, `probe-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(path)) return path
  const sources = names.filter((name) => name.endsWith('.c')).map((name) => join(PROBE_FOLDER, name))
  const unfinished = `${path}.${process.pid}`
  mkdirSync(cache, { recursive: true })
  const words = ['-static', '-O1', '-Wall', '-Wextra', '-Werror', '-o', unfinished] as const
  const { exitCode, stderr } = await spawnTool(['musl-gcc', ...words, ...sources])
  if (exitCode !== 0) throw new Error(`the probe does not compile:\n${stderr}`)
  renameSync(unfinished, path)
  return path
}

/** The archive of the image, with further entries behind its own, and some of its own left out. */
export async function imageTar(
  probe: string,
  more: readonly RawEntry[] = [],
  omitted: readonly string[] = [],
): Promise<Buffer> {
  const busybox = findTool('busybox')
  if (busybox === undefined) throw new Error('busybox-static is missing: tools/setup-host installs it')
  const { stdout } = await spawnTool([busybox, '--list'])
  const folder = (name: string, mode = 0o755, uid = 0): RawEntry => ({ name, type: '5', mode, uid, gid: uid })
  const commands = stdout.split('\n').filter((name) => /^[a-z0-9[._-]+$/.test(name) && name !== 'busybox')
  const own: RawEntry[] = [
    ...['bin/', 'etc/', 'dev/', 'proc/', 'sys/', 'run/', 'var/', 'home/', 'root/'].map((name) =>
      folder(name),
    ),
    ...['tmp/', 'var/tmp/'].map((name) => folder(name, 0o1777)),
    folder('home/user/', 0o755, 1000),
    { name: 'bin/busybox', mode: 0o755, content: readFileSync(busybox) },
    { name: 'bin/probe', mode: 0o755, content: readFileSync(probe) },
    ...commands.map((name) => ({ name: `bin/${name}`, type: '2', linkname: 'busybox' })),
    {
      name: 'etc/passwd',
      content: 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n',
    },
    { name: 'etc/group', content: 'root:x:0:\nuser:x:1000:\n' },
  ]
  return tarBytes([...own.filter(({ name }) => !omitted.includes(name)), ...more])
}

async function makeImage(paths: HostPaths, probe: string): Promise<void> {
  await addImage(paths, REF, await imageTar(probe), { Cmd: ['/bin/sh'] })
}

/** Puts an image of one layer into the store, by the rules for what comes from outside. */
export async function addImage(
  paths: HostPaths,
  name: string,
  bytes: Buffer,
  config: Readonly<Record<string, unknown>>,
): Promise<void> {
  const places = storePlaces(paths.store)
  initStore(places)
  const digest = digestOf(bytes)
  const descriptor = { mediaType: LAYER_TYPE, digest, size: bytes.length }
  if (!existsSync(blobPath(places, digest))) writeAtomically(places, blobPath(places, digest), bytes)
  const ids = chooseIds(readIdSource())
  if (readTreeRecord(places, digest) === undefined) {
    const context = { places, ids, runJob: jobRunner(holderOf(paths)), limits: ARCHIVE_LIMITS }
    await unpackLayer(context, descriptor, digest, 'strip')
  }
  const image = writeImage(places, {
    layers: [{ descriptor, diffId: digest, createdBy: 'test' }],
    config,
    annotations: {},
    createdSeconds: 0,
  })
  await nameImage(places, image, name)
}

async function removeAll(glovebox: Glovebox, paths: HostPaths, own: string): Promise<void> {
  for (const { id, state } of glovebox.boxes.list()) {
    const box = await glovebox.boxes.get(id)
    if (state === 'running' || state === 'starting') await box.stop(0)
    if (glovebox.boxes.list().some((one) => one.id === id)) await box.remove()
  }
  const ids = chooseIds(readIdSource())
  if (existsSync(paths.boxes.homes))
    for (const name of readdirSync(paths.boxes.homes))
      await removeAsSubordinate(jobRunner(holderOf(paths)), ids, join(paths.boxes.homes, name), [
        'data',
        'work',
      ])
  rmSync(own, { recursive: true })
}
