import { printable } from '../../policy/quote.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'
import { withProgress } from '../progress.ts'
import { usageError } from '../usage-error.ts'

export const command = defineCommand({
  name: 'image import',
  summary: 'Import an OCI image, a docker archive or a root file system',
  usage: '--name NAME [OPTIONS] SOURCE',
  about: `SOURCE is docker://HOST/NAME:TAG, oci:FOLDER, oci-archive:FILE, docker-archive:FILE, or a root file system: \
tar:FILE, or its path alone (plain, gzip, zstd or xz). \
All of it is checked while it is read: an archive that reaches out of its folder, holds device nodes or unpacks to \
far more than it should is refused, and nothing of it stays.`,
  options: {
    name: { value: 'NAME', short: 'n', help: 'Name of the image in the store' },
    'strip-privileged': { help: 'Drop setuid bits and device nodes instead of refusing the image' },
    json: { help: 'Print JSON' },
  },
  positionals: { least: 1, most: 1, names: ['SOURCE'] },
  examples: [
    {
      command: 'glovebox image import docker://docker.io/library/alpine --name alpine',
      does: 'Fetch an image',
    },
    { command: 'glovebox image import ./rootfs.tar.gz --name mine', does: 'Take a root file system' },
  ],
  run: async ({ options, words: [source = ''] }, { signal }) => {
    const { name, json } = options
    if (name === undefined)
      throw usageError('NAME_MISSING', 'Cannot import an image: it has no name.', 'Give it one: --name NAME')
    const { images } = new Glovebox()
    const imported = await withProgress((onProgress) =>
      images.importFrom(withScheme(source), {
        name,
        stripPrivileged: options['strip-privileged'],
        onProgress,
        signal: signal(),
      }),
    )
    if (json) return printJson({ name, ...imported })
    for (const path of imported.stripped) printLine(`Dropped from the image: ${printable(path)}`)
    return printLine(`${name}  ${imported.digest}`)
  },
})

/** The path of an archive, where no scheme stands before it, is a root file system. */
function withScheme(source: string): string {
  return /^[a-z][a-z+-]*:/.test(source) ? source : `tar:${source}`
}
