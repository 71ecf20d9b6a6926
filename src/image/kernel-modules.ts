import { GloveboxError } from '../errors.ts'

/** What depmod(8) wrote of a kernel's modules. */
export interface ModuleLists {
  /** modules.dep: `kernel/fs/a.ko.xz: kernel/lib/b.ko.xz …`. */
  readonly dependencies: string
  /** modules.builtin: one path a line. */
  readonly builtin: string
}

/**
 * The files of the wanted modules and of what they depend on, each behind what it needs. Those that are part of the
 * kernel itself are left out. Pure.
 *
 * @param wanted names, as modprobe(8) takes them
 * @returns paths relative to the folder of the lists
 * @throws GloveboxError KERNEL_MODULE_MISSING
 */
export function loadOrder(lists: ModuleLists, wanted: readonly string[]): string[] {
  const rows = lists.dependencies.split('\n').flatMap((line) => {
    const [file = '', rest] = line.split(':')
    return rest === undefined ? [] : [{ file, needs: rest.split(' ').filter(Boolean) }]
  })
  const byName = new Map(rows.map((row) => [moduleName(row.file), row]))
  const builtin = new Set(lists.builtin.split('\n').filter(Boolean).map(moduleName))
  const order: string[] = []
  const visit = (name: string, above: readonly string[]): void => {
    const row = byName.get(name)
    if (row === undefined && builtin.has(name)) return
    if (row === undefined || above.includes(name)) throw missing(name)
    for (const file of row.needs) visit(moduleName(file), [...above, name])
    if (!order.includes(row.file)) order.push(row.file)
  }
  for (const name of wanted) visit(name, [])
  return order
}

/** `kernel/drivers/net/net_failover.ko.xz` is `net_failover`; `-` and `_` are one (modprobe(8)). */
export function moduleName(file: string): string {
  const base = file.slice(file.lastIndexOf('/') + 1)
  return base.replace(/\.ko(\.\w+)?$/, '').replaceAll('-', '_')
}

function missing(name: string): GloveboxError {
  return new GloveboxError({
    code: 'KERNEL_MODULE_MISSING',
    audience: 'image',
    message: `Cannot make the initramfs: the guest's kernel has no module ${name}, and is not built with it.`,
    remedy: 'Build the kernels anew with: glovebox tools update',
    details: { module: name },
  })
}
