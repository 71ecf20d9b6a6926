/** A file of an initramfs, in the order in which the kernel is to make it: folders before what lies in them. */
export type CpioEntry = { readonly path: string; readonly mode: number } & (
  | { readonly kind: 'folder' }
  | { readonly kind: 'file'; readonly content: Uint8Array }
  | { readonly kind: 'character-device'; readonly device: readonly [major: number, minor: number] }
)

const TYPE_BITS = { folder: 0o040000, file: 0o100000, 'character-device': 0o020000 } as const
const NO_CONTENT = new Uint8Array(0)

/**
 * A cpio archive in the form that the kernel unpacks (newc; kernel: driver-api/early-userspace/buffer-format). All of it
 * is root's, and without a time, so that the same entries make the same bytes. Pure.
 *
 * @param entries paths relative to the root
 */
export function cpioArchive(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.flatMap((entry, at) => {
    const content = entry.kind === 'file' ? entry.content : NO_CONTENT
    const head = header(entry.path, {
      inode: at + 1,
      mode: TYPE_BITS[entry.kind] | entry.mode,
      links: entry.kind === 'folder' ? 2 : 1,
      size: content.length,
      device: entry.kind === 'character-device' ? entry.device : [0, 0],
    })
    return [head, content, Buffer.alloc(padding(content.length))]
  })
  return Buffer.concat([
    ...parts,
    header('TRAILER!!!', { inode: 0, mode: 0, links: 1, size: 0, device: [0, 0] }),
  ])
}

interface Header {
  readonly inode: number
  readonly mode: number
  readonly links: number
  readonly size: number
  readonly device: readonly [major: number, minor: number]
}

function header(path: string, { inode, mode, links, size, device }: Header): Buffer {
  const name = Buffer.from(`${path}\0`)
  const fields = [inode, mode, 0, 0, links, 0, size, 0, 0, ...device, name.length, 0]
  const text = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`
  return Buffer.concat([Buffer.from(text), name, Buffer.alloc(padding(text.length + name.length))])
}

/** Names and contents end on four bytes. */
const padding = (length: number): number => -length & 3
