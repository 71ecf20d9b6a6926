import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpioArchive } from '../../src/image/cpio.ts'
import type { Glovebox } from '../../src/sdk.ts'
import { compile } from '../compile.ts'

/** The benchmark's own programs, static, and the image that has the workload. */
export interface Programs {
  /** On the host. */
  readonly workload: string
  /** An initramfs with the hand-made /init alone. */
  readonly handInitramfs: string
  /** `base` with the workload as /usr/bin/glovebox-workload. */
  readonly image: string
}

const IMAGE = 'bench-machines'
const RECIPE = `name: ${IMAGE}
base:
  recipe: base
files:
  - path: /usr/bin/glovebox-workload
    source: workload
    mode: 0755
`

export async function makePrograms(glovebox: Glovebox, folder: string): Promise<Programs> {
  const source = (name: string): string => join(import.meta.dirname, `${name}.c`)
  const workload = compile(source('workload'), join(folder, 'workload'), ['-static'])
  const init = compile(source('hand-init'), join(folder, 'hand-init'), ['-static'])
  const handInitramfs = join(folder, 'hand.cpio')
  writeFileSync(
    handInitramfs,
    cpioArchive([{ path: 'init', kind: 'file', mode: 0o755, content: readFileSync(init) }]),
  )
  writeFileSync(join(folder, 'recipe.yaml'), RECIPE)
  await glovebox.images.build(join(folder, 'recipe.yaml'))
  return { workload, handInitramfs, image: IMAGE }
}

const DISTRIBUTION = 'bench-distribution'

/** What Debian itself boots with, in a folder on the host: its kernel, and the initramfs of initramfs-tools. */
export async function distributionBoot(glovebox: Glovebox, folder: string): Promise<string> {
  const recipe = join(folder, 'distribution.yaml')
  copyFileSync(join(import.meta.dirname, 'distribution.yaml'), recipe)
  await glovebox.images.build(recipe)
  const dry = await glovebox.boxes.plan({ image: DISTRIBUTION, command: ['true'], terminal: false })
  return join(dry.plan.image.trees.at(-1) as string, 'boot')
}
