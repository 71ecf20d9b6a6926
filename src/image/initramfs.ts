import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../host/sha256.ts'
import { type CpioEntry, cpioArchive } from './cpio.ts'
import { findKernel, type KernelKind } from './guest-kernel.ts'
import { outputOf } from './image-file.ts'
import { loadOrder, moduleName } from './kernel-modules.ts'
import { makeOnce } from './make-once.ts'
import { stripDebug } from './strip-debug.ts'
import type { ResolvedImage } from './types.ts'
import type { ImageContext } from './unpack.ts'

/** Raised where the same inputs would now make another archive. */
const VERSION = 2

/** What a guest needs to reach its disks, its channel and its network; those built into the kernel are left out. */
const MODULES: Readonly<Record<KernelKind, readonly string[]>> = {
  uml: ['overlay', 'virtio_console'],
  cloud: [...['overlay', 'ext4', 'virtio_mmio', 'virtio_pci', 'virtio_blk', 'virtio_console'], 'virtio_net'],
}

/** Where the guest program mounts things; the rest it makes itself. */
const FOLDERS = ['dev', 'proc', 'sys', 'base', 'write', 'root', 'modules'] as const

export interface Initramfs {
  /** The archive on the host. */
  readonly path: string
  /** The kernel that it fits, as a path of the tools image. */
  readonly kernel: string
}

/**
 * The initramfs of a guest: the static guest program as /init, and the modules that it loads in the order of their
 * names, /modules/00-NAME.ko. Made where it is missing.
 *
 * @param guestProgram path on the host
 * @throws GloveboxError KERNEL_MISSING, KERNEL_MODULE_MISSING, IMAGE_INVALID, STORE_BUSY
 */
export async function ensureInitramfs(
  context: ImageContext,
  tools: ResolvedImage,
  kind: KernelKind,
  guestProgram: string,
  signal?: AbortSignal,
): Promise<Initramfs> {
  const { kernel, modules } = findKernel(tools, kind)
  /* Known by its path, which has the hash of its sources, and by when it was compiled: it is not read at each start. */
  const { size, mtimeMs } = statSync(guestProgram)
  const init = [guestProgram, size, mtimeMs]
  const inputs = JSON.stringify({ version: VERSION, kind, tools: tools.digest, modules: MODULES[kind], init })
  const key = sha256(inputs)
  const path = await makeOnce(context, {
    path: join(context.places.disks, `initramfs-${kind}-${key}.cpio`),
    what: 'make the initramfs',
    mode: 0o444,
    signal,
    make: async (folder) => {
      const archive = join(folder, 'initramfs')
      const files = await readModules(context, tools, modules, MODULES[kind], signal)
      writeFileSync(archive, cpioArchive(initramfsEntries(readFileSync(guestProgram), files)))
      return archive
    },
  })
  return { path, kernel }
}

export interface ModuleFile {
  readonly name: string
  readonly content: Uint8Array
}

/** Pure. */
export function initramfsEntries(init: Uint8Array, modules: readonly ModuleFile[]): CpioEntry[] {
  return [
    ...FOLDERS.map((path) => ({ path, kind: 'folder', mode: 0o755 }) as const),
    /* The kernel opens it as the first descriptors of init. */
    { path: 'dev/console', kind: 'character-device', mode: 0o600, device: [5, 1] },
    { path: 'init', kind: 'file', mode: 0o755, content: init },
    ...modules.map(({ name, content }, at) => {
      const path = `modules/${String(at).padStart(2, '0')}-${name}.ko`
      return { path, kind: 'file', mode: 0o644, content } as const
    }),
  ]
}

/** The modules in the order in which they must be loaded, unpacked: not every kernel unpacks them itself. */
async function readModules(
  context: ImageContext,
  tools: ResolvedImage,
  folder: string,
  wanted: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ModuleFile[]> {
  const read = (program: string, file: string): Promise<Buffer> =>
    outputOf(context, tools, [...(UNPACK[program] ?? ['/bin/cat']), `${folder}/${file}`], signal)
  const [dependencies, builtin] = await Promise.all([read('', 'modules.dep'), read('', 'modules.builtin')])
  const files = loadOrder({ dependencies: dependencies.toString(), builtin: builtin.toString() }, wanted)
  const modules: ModuleFile[] = []
  for (const file of files)
    modules.push({
      name: moduleName(file),
      content: stripDebug(await read(file.slice(file.lastIndexOf('.')), file)),
    })
  return modules
}

/** Programs of the tools image. */
const UNPACK: Readonly<Record<string, readonly string[]>> = {
  '.xz': ['/usr/bin/xz', '-dc'],
  '.gz': ['/bin/gzip', '-dc'],
}
