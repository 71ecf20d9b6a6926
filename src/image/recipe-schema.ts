import { z } from 'zod'
import type { GrantName } from '../policy/types.ts'
import { ENGINE_WISHES } from './types.ts'

/* Data of the published schema (schema/recipe.schema.json): every field says what it is, and its default. */

const GRANTS = ['user-namespaces'] as const satisfies readonly GrantName[]

/** A plain absolute path of the image; what the box mounts over is nothing to write to. */
const imagePath = z
  .string()
  .regex(/^\/[^\0]*$/, 'must be an absolute path of the image')
  .max(4096)
  .refine((path) => !/(^|\/)\.\.?(\/|$)|\/\/|.\/$/.test(path), 'must not hold ".", "..", "//" or end in "/"')
  .refine(
    (path) => !/^\/(dev|proc|sys|run|tmp)(\/|$)/.test(path),
    'lies where every box has a mount of its own',
  )

const localPath = z
  .string()
  .min(1)
  .max(4096)
  .describe('Path of a file on this machine, relative to the recipe.')
/** As Debian policy 5.6.1 has package names; a version as in deb-version(7). */
const packageName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?(=[A-Za-z0-9.+~:-]+)?$/,
    'must be a Debian package name, with :architecture or =version behind it where wanted',
  )
/** adduser(8), NAME_REGEX. */
const accountName = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a user name: lower-case letters, digits, - and _')
const toolName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/, 'must be a plain name: letters, digits, ".", "_", "+" and "-"')
const commandLine = z.array(z.string().max(131072)).min(1).max(1024)
const id = z.number().int().min(0).max(65535)

const debian = z
  .strictObject({
    suite: z
      .string()
      .regex(/^[a-z][a-z0-9.-]*$/, 'must be a suite or code name, such as trixie')
      .describe('Suite or code name, such as trixie.'),
    mirror: z
      .string()
      .regex(/^(https?:\/\/[^\s@]+|(file|copy):\/[^\s]*)$/, 'must be an http, https, file or copy URL')
      .optional()
      .describe(
        'Mirror to build from; needed for other members of the Debian family. Default: the host’s own for Debian.',
      ),
    components: z
      .array(z.string().regex(/^[a-z][a-z-]*$/, 'must be a component, such as main'))
      .min(1)
      .default(['main'])
      .describe('Parts of the archive to take packages from.'),
    variant: z
      .enum(['minbase', 'essential', 'apt', 'buildd', 'important', 'standard'])
      .default('minbase')
      .describe('Which packages the base has, as mmdebstrap(1) names its variants.'),
  })
  .describe('A Debian-family suite, built from its mirror.')

const base = z
  .strictObject({
    debian: z
      .union([debian.shape.suite, debian])
      .optional()
      .describe('A Debian-family suite, built from its mirror.'),
    image: z
      .string()
      .regex(
        /^(docker:\/\/|oci:|oci-archive:|docker-archive:)\S+$/,
        'must begin with docker://, oci:, oci-archive: or docker-archive:',
      )
      .optional()
      .describe('An OCI image: docker://…, oci:…, oci-archive:… or docker-archive:….'),
    tar: localPath
      .optional()
      .describe('A root filesystem as a tar archive (plain, gzip, zstd or xz), relative to the recipe.'),
    recipe: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('Another recipe, or an image of the store; its layers are reused.'),
  })
  .superRefine(exactlyOne(['debian', 'image', 'tar', 'recipe']))
  .meta({
    minProperties: 1,
    maxProperties: 1,
    description: 'What the image stands on: exactly one of these.',
  })

const file = z
  .strictObject({
    path: imagePath.describe('Absolute path in the image; its folders are made where missing.'),
    content: z
      .string()
      .max(1 << 20)
      .optional()
      .describe('What the file holds.'),
    source: localPath.optional().describe('File on this machine to copy, below the recipe’s folder.'),
    mode: z
      .string()
      .regex(/^0?[0-7]{3}$/, 'must be three octal digits, such as 0644; set-user-id bits are not kept')
      .default('0644')
      .describe('Permission bits in octal.'),
    owner: z
      .strictObject({ uid: id.default(0).describe('User id.'), gid: id.default(0).describe('Group id.') })
      .default({ uid: 0, gid: 0 })
      .describe('Owner in the image.'),
  })
  .superRefine(exactlyOne(['content', 'source']))
  .describe('A file of the image, with exactly one of content and source.')

const remoteFile = z
  .strictObject({
    url: z
      .string()
      .max(2048)
      .regex(/^https?:\/\/[^\s@'"]+$/, 'must be an http or https URL without a password')
      .optional()
      .describe('Where it is.'),
    pool: z
      .string()
      .max(1024)
      .regex(/^[a-z][A-Za-z0-9_.+~%/-]*\.deb$/, 'must be a path below pool/ that ends in .deb')
      .refine((path) => !/(^|\/)\.\.?(\/|$)|\/\//.test(path), 'must not hold ".", ".." or "//"')
      .optional()
      .describe('Path below pool/ of the mirror that the base comes from: a package that its suite lacks.'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
      .describe('What it must be.'),
  })
  .superRefine(exactlyOne(['url', 'pool']))
  .describe('A file that is fetched for the build, and checked.')

const vendor = z
  .strictObject({
    deb: localPath
      .or(remoteFile)
      .optional()
      .describe('A .deb, of this machine or to be fetched; apt installs it with its dependencies.'),
    appimage: localPath
      .optional()
      .describe('An AppImage; unpacked to /opt/NAME, started by /usr/local/bin/NAME.'),
    tarball: localPath.optional().describe('A tar archive (plain, gzip, zstd or xz); unpacked to /opt/NAME.'),
    name: toolName.optional().describe('NAME of an AppImage or a tarball.'),
    link: z
      .string()
      .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\0]+$/, 'must be a path inside the tarball')
      .optional()
      .describe('Program in the tarball to link into /usr/local/bin, relative to its top.'),
  })
  .superRefine(exactlyOne(['deb', 'appimage', 'tarball']))
  .superRefine((value, context) => {
    if (value.deb === undefined && value.name === undefined)
      context.addIssue({ code: 'custom', message: 'needs a name, which is its folder below /opt' })
    if (value.deb !== undefined && value.name !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['name'],
        message: 'is not for a .deb, which has its own name',
      })
    if (value.tarball === undefined && value.link !== undefined)
      context.addIssue({ code: 'custom', path: ['link'], message: 'is for a tarball only' })
  })
  .describe('Software that is not in the archive: exactly one of deb, appimage and tarball.')

export const recipeSchema = z
  .strictObject({
    name: z
      .string()
      .max(128)
      .regex(
        /^[a-z0-9]+([._-][a-z0-9]+)*$/,
        'must be lower-case letters and digits, with ".", "_" or "-" between them',
      )
      .optional()
      .describe('Name of the image. Default: the name of the recipe file.'),
    description: z.string().max(1000).optional().describe('What the image is for, in a sentence.'),
    base,
    packages: z.array(packageName).max(5000).default([]).describe('Debian packages to install.'),
    files: z.array(file).max(1000).default([]).describe('Files to put into the image.'),
    vendor: z.array(vendor).max(100).default([]).describe('Software from this machine’s disk.'),
    user: z
      .strictObject({
        name: accountName.describe('Name of the account; made where the base has none of it.'),
        uid: id.min(1).default(1000).describe('User and group id.'),
        home: imagePath.optional().describe('Home folder. Default: /home/NAME.'),
      })
      .optional()
      .describe('Account that the command runs as. Default: that of the base.'),
    command: commandLine.optional().describe('Command and arguments that are run where the user gives none.'),
    entrypoint: commandLine.optional().describe('Program that every command is handed to.'),
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a variable name'), z.string().max(131072))
      .default({})
      .describe('Environment variables.'),
    workdir: imagePath.or(z.literal('/')).optional().describe('Folder that the command starts in.'),
    needs: z
      .array(z.enum(GRANTS))
      .default([])
      .describe('Grants that the application needs. They are named to the user; only the policy gives them.'),
    network: z
      .enum(['none', 'internet'])
      .optional()
      .describe(
        'What the application needs of the network; a box has it where its policy leaves it to the image. Default: that of the base.',
      ),
    engine: z
      .enum(ENGINE_WISHES)
      .optional()
      .describe(
        'Isolation technology of a box where the user names none; auto is the cheapest that was seen to hold here. Default: that of the base.',
      ),
  })
  .describe('How a Glovebox image is made.')

export type RecipeInput = z.output<typeof recipeSchema>

function exactlyOne(names: readonly string[]) {
  return (value: object, context: z.RefinementCtx): void => {
    const given = names.filter((name) => (value as Record<string, unknown>)[name] !== undefined)
    if (given.length === 1) return
    const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
    const message = `needs exactly one of ${list}${given.length === 0 ? '' : `, but has ${given.join(' and ')}`}`
    context.addIssue({ code: 'custom', message, ...(given[1] === undefined ? {} : { path: [given[1]] }) })
  }
}

/** The published JSON schema (schema/recipe.schema.json), for editors; made from the schema above. */
export function recipeJsonSchema(): string {
  const schema = z.toJSONSchema(recipeSchema, { io: 'input' })
  return `${JSON.stringify({ title: 'Glovebox recipe', ...schema }, null, 2)}\n`
}
