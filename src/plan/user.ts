import { GloveboxError } from '../errors.ts'
import type { Accounts } from '../image/types.ts'
import type { ProcessPlan } from './types.ts'

const isNumber = (text: string): boolean => /^\d{1,9}$/.test(text)

function unknown(kind: string, name: string): GloveboxError {
  return new GloveboxError({
    code: 'USER_UNKNOWN',
    audience: 'usage',
    message: `Cannot run as ${kind} "${name}": the image has no such ${kind} in its ${kind === 'user' ? '/etc/passwd' : '/etc/group'}.`,
    remedy: 'Name one that the image knows, or a number, with --user.',
  })
}

/**
 * Resolves `name`, `uid`, `name:group` or `uid:gid` as the image's own accounts have it (image-spec config.md, User).
 * An empty text is root, which in a box is a subordinate id without any capability.
 *
 * @throws GloveboxError USER_UNKNOWN
 */
export function resolveUser(text: string, accounts: Accounts): ProcessPlan['user'] {
  const [userPart = '', groupPart, ...more] = (text === '' ? '0' : text).split(':')
  if (more.length > 0) throw unknown('user', text)
  const entry = isNumber(userPart)
    ? accounts.users.find((user) => user.uid === Number(userPart))
    : accounts.users.find((user) => user.name === userPart)
  if (entry === undefined && !isNumber(userPart)) throw unknown('user', userPart)
  const group = groupPart === undefined ? undefined : resolveGroup(groupPart, accounts)
  const uid = entry?.uid ?? Number(userPart)
  const name = entry?.name ?? String(uid)
  const groups = accounts.groups.filter((one) => one.members.includes(name)).map((one) => one.gid)
  return {
    uid,
    gid: group ?? entry?.gid ?? 0,
    groups: groupPart === undefined ? groups : [],
    name,
    home: entry?.home || '/',
  }
}

function resolveGroup(text: string, accounts: Accounts): number {
  if (isNumber(text)) return Number(text)
  const group = accounts.groups.find((one) => one.name === text)
  if (group === undefined) throw unknown('group', text)
  return group.gid
}
