import { GloveboxError } from '../errors.ts'
import type { Recipe } from './recipe-types.ts'

export interface AccountFiles {
  readonly passwd: string
  readonly group: string
}

/**
 * The account files with the recipe's user in them; the same ones where it is there already. No password opens it
 * (`*`, shadow(5)), so no entry in /etc/shadow is needed.
 *
 * @throws GloveboxError RECIPE_USER where the name or the id is somebody else's in the base
 */
export function withAccount(files: AccountFiles, user: NonNullable<Recipe['user']>): AccountFiles {
  const { name, uid, home } = user
  const row = find(files.passwd, (fields) => fields[0] === name || fields[2] === String(uid))
  if (row !== undefined && (row[0] !== name || row[2] !== String(uid))) throw taken(user, row)
  const passwd =
    row === undefined ? append(files.passwd, `${name}:*:${uid}:${uid}::${home}:/bin/bash`) : files.passwd
  const grouped = find(files.group, (fields) => fields[0] === name || fields[2] === String(uid)) !== undefined
  return { passwd, group: grouped ? files.group : append(files.group, `${name}:*:${uid}:`) }
}

const find = (text: string, test: (fields: string[]) => boolean): string[] | undefined =>
  text
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields.length > 2 && test(fields))

const append = (text: string, line: string): string =>
  `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`

function taken(user: NonNullable<Recipe['user']>, row: readonly string[]): GloveboxError {
  return new GloveboxError({
    code: 'RECIPE_USER',
    audience: 'usage',
    message: `Cannot make the user ${user.name} with id ${user.uid}: the base has the user ${row[0]} with id ${row[2]}.`,
    remedy: 'Choose another name or uid in the recipe, or take the base’s own user.',
  })
}
