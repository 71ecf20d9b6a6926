import { corrupt } from './layout.ts'

/* Offsets in a 64-bit ELF file (elf(5)): Elf64_Ehdr and Elf64_Shdr. */
const HEADER = { bytes: 64, tableAt: 0x28, entryBytes: 0x3a, count: 0x3c, namesIndex: 0x3e } as const
const SECTION = { bytes: 64, name: 0, type: 4, offset: 24, size: 32, align: 48 } as const
const NO_BITS = 8
const ELF = 0x7f454c46
const BITS_64_LITTLE = 0x0201
const ALIGN = 8
/** An address that a kernel's module has no more than. */
const MOST_ALIGN = 4096

/**
 * A kernel module without what only a debugger reads. User-Mode Linux's come with it, and five times the size: a guest
 * copies all of it at each boot. The numbers of sections stay, as symbols and relocations name them by these; a section
 * that goes becomes an inactive one (SHT_NULL), which the loader passes over (Linux, kernel/module/main.c).
 *
 * One without such sections is returned as it is, with the signature behind it; so is what is no ELF file of 64 bits, for
 * the kernel to refuse.
 *
 * @throws GloveboxError IMAGE_INVALID for an ELF file that is cut off
 */
export function stripDebug(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.length < HEADER.bytes || view.getUint32(0) !== ELF || view.getUint16(4) !== BITS_64_LITTLE)
    return file
  try {
    const sections = sectionsOf(file, view)
    return sections.some(({ isDebug }) => isDebug) ? rebuilt(file, view, sections) : file
  } catch (error) {
    if (error instanceof RangeError) throw corrupt('a kernel module is cut off')
    throw error
  }
}

interface Section {
  readonly isDebug: boolean
  /** Where its header lies in the file. */
  readonly headerAt: number
  readonly align: number
  readonly content: Uint8Array
}

function sectionsOf(file: Uint8Array, view: DataView): Section[] {
  const tableAt = Number(view.getBigUint64(HEADER.tableAt, true))
  if (view.getUint16(HEADER.entryBytes, true) !== SECTION.bytes) throw new RangeError('another table')
  const headers = Array.from(
    { length: view.getUint16(HEADER.count, true) },
    (_one, at) => tableAt + at * SECTION.bytes,
  )
  const names = contentAt(file, view, headers[view.getUint16(HEADER.namesIndex, true)] ?? file.length)
  return headers.map((headerAt) => {
    const name = textAt(names, view.getUint32(headerAt + SECTION.name, true))
    return {
      isDebug: /^(\.rela)?\.debug_/.test(name),
      headerAt,
      align: Math.min(Math.max(Number(view.getBigUint64(headerAt + SECTION.align, true)), 1), MOST_ALIGN),
      content: contentAt(file, view, headerAt),
    }
  })
}

function contentAt(file: Uint8Array, view: DataView, headerAt: number): Uint8Array {
  const [offset, size] = [SECTION.offset, SECTION.size].map((at) =>
    Number(view.getBigUint64(headerAt + at, true)),
  )
  if (view.getUint32(headerAt + SECTION.type, true) === NO_BITS) return new Uint8Array()
  if (offset === undefined || size === undefined || offset + size > file.length)
    throw new RangeError('cut off')
  return file.subarray(offset, offset + size)
}

const textAt = (names: Uint8Array, at: number): string =>
  Buffer.from(names.subarray(at, names.indexOf(0, at))).toString('latin1')

const aligned = (at: number, to: number): number => Math.ceil(at / to) * to

/** The file's header, what stays of the sections, one behind the other, and the table of all. */
function rebuilt(file: Uint8Array, view: DataView, sections: readonly Section[]): Uint8Array {
  const places: number[] = []
  let end: number = HEADER.bytes
  for (const { isDebug, align, content } of sections) {
    const at = aligned(end, align)
    places.push(at)
    if (!isDebug) end = at + content.length
  }
  const tableAt = aligned(end, ALIGN)
  const made = new Uint8Array(tableAt + sections.length * SECTION.bytes)
  const out = new DataView(made.buffer)
  made.set(file.subarray(0, HEADER.bytes))
  out.setBigUint64(HEADER.tableAt, BigInt(tableAt), true)
  sections.forEach(({ isDebug, headerAt, content }, at) => {
    if (isDebug) return
    const header = tableAt + at * SECTION.bytes
    made.set(content, places[at])
    made.set(file.subarray(headerAt, headerAt + SECTION.bytes), header)
    /* The first header is empty by definition, and stays so. */
    if (view.getUint32(headerAt + SECTION.type, true) !== 0)
      out.setBigUint64(header + SECTION.offset, BigInt(places[at] as number), true)
  })
  return made
}
